import { quantizationOf, type Range } from "./quantized_value.ts";

/** How much of a range's ends is tried. */
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

/**
 * The range in which 256 levels show some values best, by their mean squared error: the few largest may be cut off, so that
 * the many small ones are finer.
 *
 * @param samples Some of the values.
 * @param whole Smallest and largest of all.
 */
export function clippingRange(samples: Float32Array, whole: Range): Range {
  let [best, error] = [whole, squaredError(samples, whole)];
  const tryRange = (range: Range) => {
    const its = squaredError(samples, range);
    if (its < error) [best, error] = [range, its];
  };
  for (let again = true; again;) {
    const [least, most] = best;
    for (const share of SHARES) tryRange([share * least, best[1]]);
    for (const share of SHARES) tryRange([best[0], share * most]);
    again = best[0] !== least || best[1] !== most;
  }
  return best;
}

/** Sum of the squares of what is lost by rounding. */
function squaredError(samples: Float32Array, range: Range): number {
  const { scale, zero } = quantizationOf(range);
  let sum = 0;
  for (const sample of samples) {
    const byte = Math.min(255, Math.max(0, Math.round(sample / scale) + zero));
    sum += (sample - scale * (byte - zero)) ** 2;
  }
  return sum;
}
