import type { Picture } from "../../frame.ts";
import { meanDifference, type MeanPicture, meanPicture } from "./mean_picture.ts";

/** How a frame differs from the previous one. */
export type Change = "motion" | "duplicate" | "cut";

/** Side of the blocks whose means are compared, pixels; smaller in small frames. Moving fine detail and noise change such means little. */
const BLOCK = 4;
/** Number of differences whose median is the usual one. */
const REMEMBERED = 15;
/** Largest difference of a repeated frame after compression, in bytes. Frames of a camera at rest may differ less. */
const REPEATED = 0.25;
/** Difference below a camera's noise, in bytes: always a repeated frame. */
const SAME = 0.02;
/** Longest side of the pictures that are searched for a shift, cells. */
const CELLS = 64;
/** Largest shift, as a share of the longest side: at 100 frames per second, nine widths per second. */
const REACH = 0.09;
/** Levels of each channel in histograms. */
const LEVELS = 8;

/**
 * Detects duplicate frames (made by frame rate conversion; in an average they count twice and show as ghosts) and scene cuts. Duplicates by
 * the mean difference of downscaled frames, compared with the usual one of the footage; cuts by the difference that remains after
 * the best shift ({@linkcode sceneDifference}), since a fast pan differs as much as a cut does.
 */
export class SceneChangeDetector {
  #last: MeanPicture | undefined;
  /** Differences of the last frames with motion; with duplicates among them, the median could be 0. */
  readonly #usual: number[] = [];

  /** Classifies the next frame. The first is "motion"; a frame after a "duplicate" is compared with the last one that was not. */
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
 * Scenes differ in content and in colours. For shots of 140 photos by a virtual camera, the product of both differences was at least 5 at
 * cuts, and at most 2 while the camera moved (6 at every sixth frame, 40 per second). A cut between two pages of text, of the
 * same colours, is found by a difference far above the usual.
 */
function isCut(last: MeanPicture, next: MeanPicture, difference: number, usual = Infinity): boolean {
  if (difference < 8) return false;
  const { shifted, colours } = sceneDifference(last, next);
  return shifted > 8 && shifted * colours > 4 || shifted > 20 && difference > 4 * usual;
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Difference of two frames that motion does not explain. */
interface SceneDifference {
  /** Mean difference after the best shift, in bytes. */
  readonly shifted: number;
  /** Share of the picture whose colour does not occur in the other, 0 to 1. */
  readonly colours: number;
}

/** Compares two frames of the same size. */
function sceneDifference(a: MeanPicture, b: MeanPicture): SceneDifference {
  const cell = Math.max(1, Math.ceil(Math.max(a.width, a.height) / CELLS));
  const [before, after] = [meanPicture(a, cell), meanPicture(b, cell)];
  return { shifted: shifted(before, after), colours: colourDifference(before, after) };
}

function shifted(a: MeanPicture, b: MeanPicture): number {
  const reach = Math.round(REACH * Math.max(a.width, a.height));
  const [across, down] = [Math.min(reach, a.width - 1), Math.min(reach, a.height - 1)];
  let least = Infinity;
  for (let y = -down; y <= down; y++) {
    for (let x = -across; x <= across; x++) least = Math.min(least, meanDifference(a, b, x, y));
  }
  return least;
}

function colourDifference(a: MeanPicture, b: MeanPicture): number {
  const [before, after] = [histogram(a), histogram(b)];
  const sum = before.reduce((sum, count, i) => sum + Math.abs(count - (after[i] as number)), 0);
  return sum / 2 / (a.width * a.height);
}

/** Number of pixels of each quantised colour. */
function histogram({ data }: MeanPicture): Float64Array {
  const counts = new Float64Array(LEVELS ** 3);
  const level = (value: number) => Math.min(LEVELS - 1, Math.floor(value / (256 / LEVELS)));
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [level(data[i] as number), level(data[i + 1] as number), level(data[i + 2] as number)];
    const colour = (r * LEVELS + g) * LEVELS + b;
    counts[colour] = (counts[colour] as number) + 1;
  }
  return counts;
}
