import { freePicture } from "./frame.ts";
import type { JudgedFrame } from "./judge_frames.ts";
import {
  blockDifference,
  type ChangedPicture,
  changedPicture,
  fuseNeighbours,
} from "./motion/fuse_neighbours.ts";
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

/** A restored frame with how much of it was changed. */
interface Changed<J extends Judged> extends JudgedResult<J>, ChangedPicture {}

class FrameFusion<J extends Judged> {
  readonly #needsBlurry: boolean;
  /** What was restored last of what was shown before. */
  #before: ChangedPicture | undefined;
  /** What was restored last of what is shown now; it may have been handed out, fused. */
  #now: Changed<J> | undefined;
  /** Of what is shown now, the frames that wait for what is shown next. */
  #held: Changed<J>[] = [];

  constructor({ needsBlurry = true }: FuseFramesOptions) {
    this.#needsBlurry = needsBlurry;
  }

  *take(result: JudgedResult<J>): Iterable<JudgedResult<J>> {
    const { blurry, restored: { data, width, height } } = result;
    const picture = { data, width, height };
    const frame = { ...result, ...changedPicture(picture, blockDifference(picture, blurry)) };
    if (!this.#needsBlurry && blurry.data.buffer !== data.buffer) {
      freePicture({ data: blurry.data, width, height }); // without what it shares with the restored frame
    }
    if (this.#now && this.#now.judged.run !== frame.judged.run) {
      yield* this.#release(frame);
      if (this.#before) freePicture(this.#before.picture);
      this.#before = this.#now;
    } else if (this.#now && !this.#held.includes(this.#now)) freePicture(this.#now.picture);
    this.#now = frame;
    this.#held.push(frame);
    if (frame.judged.neighbours.next === undefined) yield* this.#release(undefined);
  }

  *end(): Iterable<JudgedResult<J>> {
    yield* this.#release(undefined);
    for (const kept of [this.#before, this.#now]) if (kept) freePicture(kept.picture);
  }

  /** Fuses what is held. @param next What is restored of what comes after. */
  *#release(next: ChangedPicture | undefined): Iterable<JudgedResult<J>> {
    for (const frame of this.#held.splice(0)) {
      const { judged, blurry, restored } = frame;
      const beside = [judged.neighbours.previous && this.#before, judged.neighbours.next && next];
      const { data } = fuseNeighbours(frame, beside.filter((one) => one !== undefined));
      if (frame !== this.#now) freePicture(frame.picture);
      yield { judged, blurry, restored: { ...restored, data } };
    }
  }
}
