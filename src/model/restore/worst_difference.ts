import type { Picture } from "../../frame.ts";

/** The largest difference of a sample of two pictures of one size. */
export function worstDifference(a: Picture, b: Picture): number {
  let worst = 0;
  a.data.forEach((value, i) => worst = Math.max(worst, Math.abs(value - (b.data[i] ?? NaN))));
  return worst;
}
