import type { Picture } from "../../frame.ts";
import { meanDifference, type MeanPicture, meanPicture } from "./mean_picture.ts";

/** How a frame follows the one before. */
export type Change = "motion" | "duplicate" | "cut";

/** Pixels: moving fine detail weighs little in means of such blocks, and noise less. Smaller in small frames. */
const BLOCK = 4;
const REMEMBERED = 15;
/** Bytes. What a repeated frame differs by at most after a codec. A camera at rest may differ by less. */
const REPEATED = 0.25;
/** Bytes. Less than a camera's noise leaves: a repeated frame, whatever the footage is like. */
const SAME = 0.02;
/** Longest side of what is searched, cells: enough to tell scenes by, few enough to move about in any direction. */
const CELLS = 64;
/** Farthest movement looked for, of the longest side: at 100 frames a second that is a whip of nine widths a second. */
const REACH = 0.09;
/** Steps of each colour channel. */
const LEVELS = 8;

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

/** How unlike two frames are, whatever moved between them. */
interface SceneDifference {
  /** Mean difference in bytes that is left when the second frame is moved to fit the first as well as it can. */
  readonly unmoved: number;
  /** Share of the picture whose colour the other does not have, 0 to 1. */
  readonly colours: number;
}

/** Compares what two frames of one size show, of which `a` came first. */
function sceneDifference(a: MeanPicture, b: MeanPicture): SceneDifference {
  const cell = Math.max(1, Math.ceil(Math.max(a.width, a.height) / CELLS));
  const [before, after] = [meanPicture(a, cell), meanPicture(b, cell)];
  return { unmoved: unmoved(before, after), colours: colourDifference(before, after) };
}

function unmoved(a: MeanPicture, b: MeanPicture): number {
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

/** How many pixels have each colour, of few. */
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
