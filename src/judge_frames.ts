import { Buffer } from "node:buffer";
import { FrameRun } from "./frame_run.ts";
import type { Frame } from "./frame.ts";
import type { Neighbours } from "./model/engine/engine.ts";
import { FULL_STRENGTH, type StrengthGrid } from "./model/restore/strength.ts";
import { measureMotion, type MotionGrid } from "./motion/measure_motion.ts";
import { type Plane, reducePicture } from "./motion/plane.ts";
import { isRepetition, strengthBetween } from "./still_parts.ts";

/** Frames of a run of repetitions that wait for the first one after it. */
const MOST_REPETITIONS = 3;
/** Options of {@linkcode judgeFrames}. */
export interface JudgeFramesOptions {
  /** Call everything moving. @default {false} */
  readonly everywhere?: boolean;
  /** Give each frame its neighbours, for a network of three frames. @default {false} */
  readonly neighbours?: boolean;
  /** Usual difference of `pts` from one frame to the next; a frame is missing where it is more than twice that. @default {the smaller of a frame's two} */
  readonly frameInterval?: number;
}

/** A frame, where it moves, and what is beside it. */
export interface JudgedFrame {
  /** As it came. */
  readonly frame: Frame;
  /** 0 where the scene stands still before or after the frame, 1 where it moves. */
  readonly strength: StrengthGrid;
  /** Copies of the frames beside it that show something else, shared with other frames. Not to be changed, nor used after `release`. */
  readonly neighbours: Neighbours;
  /** The same object as of the frame before, where that shows the same: where one repeats the other. */
  readonly run: object;
  /** The same object as of the frame before, where that has the same pixels. */
  readonly pixels: symbol;
  /** Whether the next frame has the same pixels. */
  readonly isRepeated: boolean;
  /**
   * Whether frames before the first one that the stage was given could have changed strength or neighbours: near that frame, or
   * among repetitions since.
   */
  readonly dependsOnEarlier: boolean;
  /** To be called once when the neighbours are not needed any more: frees those that no other frame needs. */
  release(): void;
}

/**
 * A stage that tells of each frame of a video where it moves, and which frames are its neighbours.
 *
 * A frame is held back until the next one is there, which both need. A repeated frame is no neighbour: it shows nothing else. With
 * `neighbours`, all frames of a run of repetitions are held back for the first one after it, and get the same; of a long run
 * {@linkcode MOST_REPETITIONS}, and then none of it gets a next one. Frames of another size and those behind a gap are no neighbours
 * either (writable mark 1, readable mark 0, and those held).
 */
export function judgeFrames(options: JudgeFramesOptions = {}): TransformStream<Frame, JudgedFrame> {
  const judge = new FrameJudge(options);
  const tell = (controller: TransformStreamDefaultController<JudgedFrame>) => {
    for (const judged of judge.ready()) controller.enqueue(judged);
  };
  return new TransformStream<Frame, JudgedFrame>(
    {
      transform(frame, controller) {
        judge.take(frame);
        tell(controller);
      },
      flush(controller) {
        judge.end();
        tell(controller);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
}

/** A frame that may wait for the next one, and its strength once that is known. */
interface Held {
  readonly frame: Frame;
  readonly run: FrameRun;
  readonly pixels: symbol;
  isRepeated: boolean;
  strength?: StrengthGrid;
  dependsOnEarlier: boolean;
}

/** The newest frame. */
interface Newest extends Held {
  readonly reduced: Plane;
  /** Movement from the frame before. */
  readonly motion: MotionGrid | undefined;
}

class FrameJudge {
  readonly #options: JudgeFramesOptions;
  readonly #held: Held[] = [];
  #newest: Newest | undefined;
  #earlier = FULL_STRENGTH;
  /** Whether frames before the first could have changed {@linkcode #earlier}. */
  #isOpen = true;
  /** Runs that began so far. */
  #runs = 0;

  constructor(options: JudgeFramesOptions) {
    this.#options = options;
  }

  take(frame: Frame): void {
    const reduced = reducePicture(frame);
    const last = this.#newest;
    const motion = last && isOfSameSize(last.frame, frame) ? measureMotion(last.reduced, reduced) : undefined;
    this.#judge(motion);
    const isRepeated = last !== undefined && motion !== undefined && isRepetition(motion);
    const run = isRepeated ? last.run : this.#begin(frame, last);
    if (isRepeated && ++run.frames > MOST_REPETITIONS) run.settle(this.#options.frameInterval);
    const isEqual = isRepeated && last !== undefined && hasSamePixels(last.frame, frame);
    if (isEqual) last.isRepeated = true;
    const pixels = isEqual ? last.pixels : Symbol();
    // The run before decides on the neighbours, by its first frame: it has to have begun after the first frame of all.
    const dependsOnEarlier = this.#runs < 3;
    this.#newest = { frame, run, reduced, motion, pixels, isRepeated: false, dependsOnEarlier };
    this.#held.push(this.#newest);
  }

  end(): void {
    this.#judge(undefined);
    this.#newest?.run.settle(this.#options.frameInterval);
    this.#newest = undefined;
  }

  /** Those of which everything is known, in their order. */
  *ready(): Iterable<JudgedFrame> {
    for (let [first] = this.#held; first?.strength && first.run.isSettled; [first] = this.#held) {
      this.#held.shift();
      const { frame, strength, run, pixels, isRepeated, dependsOnEarlier } = first;
      const { neighbours, release } = run.share();
      if (this.#held[0]?.run !== run) run.end();
      yield { frame, strength, neighbours, run, pixels, isRepeated, dependsOnEarlier, release };
    }
  }

  /** @param after Movement from the newest frame to the one that follows it. */
  #judge(after: MotionGrid | undefined): void {
    const { everywhere = false } = this.#options;
    if (this.#newest === undefined) return;
    if (!everywhere) {
      const { motion: before } = this.#newest;
      this.#earlier = strengthBetween(before, after, this.#earlier);
      const isOfItsOwn = before !== undefined && !isRepetition(before) && !(after && isRepetition(after));
      this.#isOpen &&= !isOfItsOwn;
      this.#newest.dependsOnEarlier ||= this.#isOpen;
    }
    this.#newest.strength = this.#earlier;
  }

  #begin(frame: Frame, last: Newest | undefined): FrameRun {
    const { neighbours = false, frameInterval } = this.#options;
    this.#runs++;
    const run = new FrameRun(frame, { neighbours, ...(last && { last }) });
    last?.run.settle(frameInterval, run);
    return run;
  }
}

function hasSamePixels({ data: one }: Frame, { data: other }: Frame): boolean {
  const bytes = (data: Frame["data"]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return one.constructor === other.constructor && bytes(one).equals(bytes(other));
}

function isOfSameSize(one: Frame, other: Frame): boolean {
  return one.width === other.width && one.height === other.height;
}
