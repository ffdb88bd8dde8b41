import { GREY, type Plane } from "./plane.ts";

/** Side of the windows whose contrast is measured, in blocks. */
const WINDOW = 8;
/** What a smaller contrast is taken for, so that noise on an even wall is no mismatch: half a grey level. */
const LEAST_CONTRAST = GREY / 2;

/** From this {@linkcode mismatch} on two pictures show different scenes: a cut lies between them, or what the one shows cannot be found in the other. */
export const OTHER_SCENE = 1.2;

/**
 * How badly two pictures of one size fit: their mean difference as a share of the contrast of the one that has less, which is the mean
 * difference of its blocks from the mean of the 8 × 8 blocks around. 0 for equal ones and for those too small to tell. Of
 * neighbouring frames, one moved onto the other by `blockFlow`, up to 0.82 (median 0.05 to 0.5); across a cut and between
 * unrelated photographs 2.6 and more.
 */
export function mismatch(one: Plane, other: Plane): number {
  const contrast = Math.min(contrastOf(one), contrastOf(other));
  return contrast > 0 ? differenceOf(one, other) / contrast : 0;
}

function differenceOf({ data: a, width, height }: Plane, { data: b }: Plane): number {
  let sum = 0;
  for (let y = 0; y < height - height % WINDOW; y++) {
    for (let i = y * width, end = i + width - width % WINDOW; i < end; i++) {
      sum += Math.abs((a[i] as number) - (b[i] as number));
    }
  }
  return sum;
}

/** Summed over all blocks that are in a whole window. */
function contrastOf({ data, width, height }: Plane): number {
  let contrast = 0;
  for (let top = 0; top + WINDOW <= height; top += WINDOW) {
    for (let left = 0; left + WINDOW <= width; left += WINDOW) {
      let sum = 0;
      for (let y = top; y < top + WINDOW; y++) {
        for (let i = y * width + left, end = i + WINDOW; i < end; i++) sum += data[i] as number;
      }
      const mean = sum / WINDOW ** 2;
      for (let y = top; y < top + WINDOW; y++) {
        for (let i = y * width + left, end = i + WINDOW; i < end; i++) {
          contrast += Math.abs((data[i] as number) - mean) + LEAST_CONTRAST;
        }
      }
    }
  }
  return contrast;
}
