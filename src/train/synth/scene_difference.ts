import { meanDifference, type MeanPicture, meanPicture } from "./mean_picture.ts";

/** How unlike two frames are, whatever moved between them. */
export interface SceneDifference {
  /** Mean difference in bytes that is left when the second frame is moved to fit the first as well as it can. */
  readonly unmoved: number;
  /** Share of the picture whose colour the other does not have, 0 to 1. */
  readonly colours: number;
}

/** Longest side of what is searched, cells: enough to tell scenes by, few enough to move about in any direction. */
const CELLS = 64;
/** Farthest movement looked for, of the longest side: at 100 frames a second that is a whip of nine widths a second. */
const REACH = 0.09;
/** Steps of each colour channel. */
const LEVELS = 8;

/** Compares what two frames of one size show, of which `a` came first. */
export function sceneDifference(a: MeanPicture, b: MeanPicture): SceneDifference {
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
