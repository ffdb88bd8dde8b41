/**
 * Fills an array of an odd length with a Gaussian kernel whose sum is 1.
 *
 * @param sigma Standard deviation, in samples.
 * @returns `taps`.
 */
export function gaussian<T extends Float32Array | Float64Array>(taps: T, sigma: number): T {
  const middle = taps.length >> 1;
  for (let i = 0; i < taps.length; i++) taps[i] = Math.exp(-((i - middle) ** 2) / (2 * sigma ** 2));
  let sum = 0;
  for (const tap of taps) sum += tap;
  for (let i = 0; i < taps.length; i++) taps[i] = (taps[i] as number) / sum;
  return taps;
}
