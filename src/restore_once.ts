import { cropPicture } from "./crop_picture.ts";
import { copyPicture, freePicture, type Picture } from "./frame.ts";
import type { JudgedFrame } from "./judge_frames.ts";
import {
  completeFrame,
  type FrameToRestore,
  type RestoredFrame,
  type RestoreFrameOptions,
} from "./restore_frame.ts";

/** A frame whose result the next one may share. */
interface Kept {
  readonly judged: JudgedFrame;
  /** A copy of its result. */
  readonly picture: Promise<Picture>;
}

/**
 * Restores frames, given in their order: of those that follow each other with the same pixels, strength and neighbours, as in screen
 * recordings and doubled frames, only the first; the others have the same result. It takes the frames' buffers over.
 *
 * @param restore Restores one frame.
 */
export function restoreOnce(
  restore: (frame: FrameToRestore) => Promise<RestoredFrame>,
  options: RestoreFrameOptions,
): (judged: JudgedFrame) => Promise<RestoredFrame> {
  let kept: Kept | undefined;
  return async (judged) => {
    const known = kept && isSame(kept.judged, judged) ? kept.picture : undefined;
    if (known === undefined) kept?.picture.then(freePicture, () => undefined);
    const { promise, resolve, reject } = Promise.withResolvers<Picture>();
    promise.catch(() => undefined); // told to whoever asked for the first of them
    kept = judged.isRepeated ? { judged, picture: promise } : undefined;
    try {
      const restored = known ? repeat(judged, await known, options) : await restore(judged);
      // Copied at once: whoever is given the frame may free it.
      if (judged.isRepeated) resolve(copyPicture(restored.restored));
      return restored;
    } catch (error) {
      reject(error);
      throw error;
    }
  };
}

function isSame(one: JudgedFrame, other: JudgedFrame): boolean {
  return one.pixels === other.pixels && one.strength === other.strength &&
    one.neighbours.previous === other.neighbours.previous && one.neighbours.next === other.neighbours.next;
}

/** A frame with the result of the one before. @param picture Used up. */
function repeat(
  { frame, release }: JudgedFrame,
  picture: Picture,
  options: RestoreFrameOptions,
): RestoredFrame {
  release();
  const { data, width, height } = frame;
  const input = { data, width, height };
  const blurry = options.region ? cropPicture(input, options.region) : input;
  if (blurry !== input) freePicture(input);
  return {
    blurry: completeFrame(frame, blurry, { ...options, branches: false }),
    restored: completeFrame(frame, picture, options),
  };
}
