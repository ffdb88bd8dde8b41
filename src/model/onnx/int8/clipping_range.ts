import type { Histogram } from "./histogram.ts";
import { quantizationOf, type Range } from "./quantized_value.ts";

/** How much of a range's ends is tried. */
const SHARES = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

/**
 * The range in which 256 levels show some numbers best, by their mean squared error: the few largest may be cut off, so that
 * the many small ones are finer.
 */
export function clippingRange(numbers: Histogram): Range {
  const bins = [...numbers.bins()];
  let best: Range = numbers.range;
  let error = squaredError(bins, best);
  const tryRange = (range: Range) => {
    const its = squaredError(bins, range);
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

/** Sum of the squares of what is lost. */
function squaredError(bins: readonly (readonly [number, number])[], range: Range): number {
  const { scale, zero } = quantizationOf(range);
  let sum = 0;
  for (const [number, count] of bins) {
    const byte = Math.min(255, Math.max(0, Math.round(number / scale) + zero));
    sum += count * (number - scale * (byte - zero)) ** 2;
  }
  return sum;
}
