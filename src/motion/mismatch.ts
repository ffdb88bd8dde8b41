import { GREY, type Plane } from "./plane.ts";

/** Side of the windows whose contrast is measured, in blocks. */
const WINDOW = 8;
/** What a smaller contrast is taken for, so that noise on an even wall is no mismatch: half a grey level. */
const LEAST_CONTRAST = GREY / 2;

/**
 * How badly two pictures of one size fit: their mean difference as a share of the contrast of the first, the mean difference of its blocks
 * from the mean of the 8 × 8 blocks around. 0 for equal ones and for those too small to tell. Of neighbouring frames, one moved onto the
 * other by `blockFlow`, up to 0.82 (median 0.05 to 0.45); across a cut 1.5 and more; of unrelated photographs 1.8 and more.
 */
export function mismatch({ data: a, width, height }: Plane, { data: b }: Plane): number {
  let [difference, contrast] = [0, 0];
  for (let top = 0; top + WINDOW <= height; top += WINDOW) {
    for (let left = 0; left + WINDOW <= width; left += WINDOW) {
      let sum = 0;
      for (let y = top; y < top + WINDOW; y++) {
        for (let i = y * width + left, end = i + WINDOW; i < end; i++) sum += a[i] as number;
      }
      const mean = sum / WINDOW ** 2;
      for (let y = top; y < top + WINDOW; y++) {
        for (let i = y * width + left, end = i + WINDOW; i < end; i++) {
          difference += Math.abs((a[i] as number) - (b[i] as number));
          contrast += Math.abs((a[i] as number) - mean) + LEAST_CONTRAST;
        }
      }
    }
  }
  return contrast > 0 ? difference / contrast : 0;
}
