import { freePicture, type Picture } from "./frame.ts";
import type { JudgedFrame } from "./judge_frames.ts";
import { blockDifference, type Blocks, fuseNeighbours } from "./motion/fuse_neighbours.ts";
import type { RestoredFrame } from "./restore_frame.ts";

/** What fusing must know of a frame; its neighbours are not looked at any more, but for whether there are any. */
type Judged = Pick<JudgedFrame, "run" | "neighbours">;

/** A restored frame, and what was known of it before. */
export interface JudgedResult<J extends Judged> extends RestoredFrame {
  readonly judged: J;
}

/** Options of {@linkcode fuseFrames}. */
export interface FuseFramesOptions {
  /** Whether somebody looks at the blurry pictures of what comes out; if not, each is freed once it has been compared. @default {true} */
  readonly needsBlurry?: boolean;
}

/**
 * A stage that fuses each restored frame with those restored beside it: those that the network looked at as its neighbours. Frames
 * are held back until the first one that shows something else is there (writable mark 1, readable mark 0, and those held). It takes the frames'
 * buffers over.
 */
export function fuseFrames<J extends Judged>(
  options: FuseFramesOptions = {},
): TransformStream<JudgedResult<J>, JudgedResult<J>> {
  const fusion = new FrameFusion<J>(options);
  return new TransformStream<JudgedResult<J>, JudgedResult<J>>(
    {
      transform(frame, controller) {
        for (const fused of fusion.take(frame)) controller.enqueue(fused);
      },
      flush(controller) {
        for (const fused of fusion.end()) controller.enqueue(fused);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
}

/** A frame that waits for the next one. */
interface Held<J extends Judged> extends JudgedResult<J> {
  readonly change: Blocks;
}

class FrameFusion<J extends Judged> {
  readonly #needsBlurry: boolean;
  /** What was restored last of what was shown before. */
  #before: Picture | undefined;
  /** What was restored last of what is shown now; it may have been handed out, fused. */
  #now: JudgedResult<J> | undefined;
  /** Repetitions of the newest frame, and itself. */
  #held: Held<J>[] = [];

  constructor({ needsBlurry = true }: FuseFramesOptions) {
    this.#needsBlurry = needsBlurry;
  }

  *take(frame: JudgedResult<J>): Iterable<JudgedResult<J>> {
    const { blurry, restored } = frame;
    const change = blockDifference(restored, blurry);
    if (!this.#needsBlurry && blurry.data.buffer !== restored.data.buffer) freePicture(pictureOf(blurry));
    if (this.#now && this.#now.judged.run !== frame.judged.run) {
      yield* this.#release(restored);
      if (this.#before) freePicture(this.#before);
      this.#before = pictureOf(this.#now.restored);
    } else if (this.#now && !this.#held.some(({ restored }) => restored === this.#now?.restored)) {
      freePicture(pictureOf(this.#now.restored));
    }
    this.#now = frame;
    this.#held.push({ ...frame, change });
    if (frame.judged.neighbours.next === undefined) yield* this.#release(undefined);
  }

  *end(): Iterable<JudgedResult<J>> {
    yield* this.#release(undefined);
    for (const picture of [this.#before, this.#now && pictureOf(this.#now.restored)]) {
      if (picture) freePicture(picture);
    }
  }

  /** Fuses what is held. @param next What is restored of what comes after. */
  *#release(next: Picture | undefined): Iterable<JudgedResult<J>> {
    for (const { judged, blurry, restored, change } of this.#held.splice(0)) {
      const previous = judged.neighbours.previous && this.#before;
      const beside = [previous, judged.neighbours.next && next].filter((picture) => picture !== undefined);
      const { data } = fuseNeighbours(restored, change, beside);
      if (restored !== this.#now?.restored) freePicture(pictureOf(restored));
      yield { judged, blurry, restored: { ...restored, data } };
    }
  }
}

/** Without what is shared with the fused frame. */
function pictureOf({ data, width, height }: Picture): Picture {
  return { data, width, height };
}
