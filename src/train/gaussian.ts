/**
 * A Gaussian kernel of 2 · `radius` + 1 taps, whose sum is 1.
 *
 * @param sigma Standard deviation, in samples.
 */
export function gaussian(sigma: number, radius: number): Float64Array {
  const taps = Float64Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
}
