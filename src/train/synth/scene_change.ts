import type { Picture } from "../../frame.ts";
import { meanDifference, type MeanPicture, meanPicture } from "./mean_picture.ts";
import { sceneDifference } from "./scene_difference.ts";

/** How a frame follows the one before. */
export type Change = "motion" | "duplicate" | "cut";

/** Pixels: moving fine detail weighs little in means of such blocks, and noise less. Smaller in small frames. */
const BLOCK = 4;
const REMEMBERED = 15;
/** Bytes. What a repeated frame differs by at most after a codec. A camera at rest may differ by less. */
const REPEATED = 0.25;
/** Bytes. Less than a camera's noise leaves: a repeated frame, whatever the footage is like. */
const SAME = 0.02;

/**
 * Tells duplicate frames (left by a frame rate conversion: averaged, they weigh double and show as ghosts) and scene
 * cuts from motion. Duplicates by the mean difference of reduced frames, against what is usual in the footage; cuts by what
 * is left of it when the frames are moved to fit ({@linkcode sceneDifference}), since a fast pan differs as much as they do.
 */
export class SceneChange {
  #last: MeanPicture | undefined;
  /** Differences of the last frames that moved, and only of those: of many repeats the middle one is no movement. */
  readonly #usual: number[] = [];

  /** Looks at the next frame. The first one is "motion"; after a "duplicate" the next is compared with the frame kept. */
  next(frame: Picture): Change {
    const longest = Math.max(frame.width, frame.height);
    const small = meanPicture(frame, Math.max(1, Math.min(BLOCK, longest >> 6)));
    const last = this.#last;
    if (last === undefined || last.width !== small.width || last.height !== small.height) {
      this.#last = small;
      this.#usual.length = 0;
      return last === undefined ? "motion" : "cut";
    }
    const difference = meanDifference(last, small);
    const usual = median(this.#usual);
    if (isDuplicate(difference, usual)) return "duplicate";
    this.#last = small;
    if (isCut(last, small, difference, usual)) {
      this.#usual.length = 0;
      return "cut";
    }
    if (difference >= REPEATED) this.#usual.push(difference);
    if (this.#usual.length > REMEMBERED) this.#usual.shift();
    return "motion";
  }
}

function isDuplicate(difference: number, usual = 0): boolean {
  return difference < SAME || difference < REPEATED && difference < usual / 10;
}

/**
 * Scenes differ in what they show where, and in their colours. Of shots of a virtual camera before 140 photos the product
 * of both was 5 or more at cuts, and 2 or less while the camera moved (6 with every sixth frame only, 40 a second). Two
 * pages of text have the same colours: those differ by far more than frames did before.
 */
function isCut(last: MeanPicture, next: MeanPicture, difference: number, usual = Infinity): boolean {
  if (difference < 8) return false;
  const { unmoved, colours } = sceneDifference(last, next);
  return unmoved > 8 && unmoved * colours > 4 || unmoved > 20 && difference > 4 * usual;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
