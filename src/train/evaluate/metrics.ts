import { OptionError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { gaussian } from "../gaussian.ts";

const PEAK = 255;

/** Upper limit of a reported PSNR, in dB: that of equal pictures is infinite, which neither a mean nor JSON can hold. */
export const MOST_PSNR = 100;

/**
 * Peak signal to noise ratio over all RGB samples of two pictures, in dB: 10 log₁₀(255² / mean squared error). `Infinity` for equal pictures.
 *
 * @throws {OptionError} if the pictures differ in size or are not of 8 bits.
 */
export function psnr(a: Picture, b: Picture): number {
  const [x, y] = samplesOf(a, b);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number - (y[i] as number)) ** 2;
  return 10 * Math.log10(PEAK ** 2 * x.length / sum);
}

/** A Gaussian of σ 1.5 cut at 3.5 σ. */
const RADIUS = 5;
const WINDOW = gaussian(new Float64Array(2 * RADIUS + 1), 1.5);
/** Constants of Wang et al. (2004), K₁ = 0.01 and K₂ = 0.03. */
const C1 = (0.01 * PEAK) ** 2;
const C2 = (0.03 * PEAK) ** 2;

/**
 * Structural similarity (Wang et al., 2004), mean over pixels and channels; at most 1, for equal pictures. The numbers of scikit-image's
 * `structural_similarity(channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`:
 * a border as wide as the window's radius is excluded from the mean.
 *
 * @throws {OptionError} if the pictures differ in size, are not of 8 bits, or are smaller than the window of 11 × 11 pixels.
 */
export function ssim(a: Picture, b: Picture): number {
  const [x, y] = samplesOf(a, b);
  const { width, height } = a;
  const side = 2 * RADIUS + 1;
  if (width < side || height < side) {
    throw new OptionError(
      `Cannot compute SSIM of ${width} x ${height} pixels: its window is ${side} x ${side}`,
    );
  }
  const columns = 3 * (width - 2 * RADIUS);
  // The filter is separable: rows first, of which only those under the window are kept.
  const ring = Array.from({ length: side }, () => new Float64Array(4 * columns));
  const means = new Float64Array(4 * columns);
  let sum = 0;
  for (let row = 0; row < height; row++) {
    const start = 3 * width * row;
    filterRow(x.subarray(start, start + 3 * width), y.subarray(start, start + 3 * width), at(ring, row));
    if (row < side - 1) continue;
    filterColumns(ring, row, means);
    sum += sumOfSimilarity(means);
  }
  return Math.min(1, sum / (columns * (height - 2 * RADIUS))); // rounding can exceed 1
}

/** Local means along one row, four per sample: x, y, x² + y², xy. Channels are interleaved. */
function filterRow(x: Uint8Array, y: Uint8Array, out: Float64Array): void {
  const taps = 2 * RADIUS + 1;
  for (let i = 0, o = 0; o < out.length; i++, o += 4) {
    let [meanX, meanY, meanSquares, meanProduct] = [0, 0, 0, 0];
    for (let k = 0; k < taps; k++) {
      const weight = WINDOW[k] as number;
      const [p, q] = [x[i + 3 * k] as number, y[i + 3 * k] as number];
      meanX += weight * p;
      meanY += weight * q;
      meanSquares += weight * (p * p + q * q);
      meanProduct += weight * p * q;
    }
    out[o] = meanX;
    out[o + 1] = meanY;
    out[o + 2] = meanSquares;
    out[o + 3] = meanProduct;
  }
}

/** The same down the columns of the last rows; `row` is the newest. */
function filterColumns(ring: readonly Float64Array[], row: number, out: Float64Array): void {
  const newest = at(ring, row);
  const oldest = at(ring, row - 2 * RADIUS);
  const side = WINDOW[0] as number;
  for (let i = 0; i < out.length; i++) out[i] = side * (newest[i] as number + (oldest[i] as number));
  for (let k = 1; k < RADIUS; k++) {
    const [above, below, weight] = [at(ring, row - k), at(ring, row - 2 * RADIUS + k), WINDOW[k] as number];
    for (let i = 0; i < out.length; i++) {
      out[i] = out[i] as number + weight * (above[i] as number + (below[i] as number));
    }
  }
  const [middle, weight] = [at(ring, row - RADIUS), WINDOW[RADIUS] as number];
  for (let i = 0; i < out.length; i++) out[i] = out[i] as number + weight * (middle[i] as number);
}

function sumOfSimilarity(means: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < means.length; i += 4) {
    const [x, y] = [means[i] as number, means[i + 1] as number];
    const [product, squares] = [x * y, x * x + y * y];
    const covariance = means[i + 3] as number - product;
    const variances = means[i + 2] as number - squares;
    sum += (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2));
  }
  return sum;
}

function at(ring: readonly Float64Array[], row: number): Float64Array {
  return ring[row % ring.length] as Float64Array;
}

function samplesOf(a: Picture, b: Picture): [Uint8Array, Uint8Array] {
  if (a.width !== b.width || a.height !== b.height) {
    throw new OptionError(
      `Cannot compare pictures of ${a.width} x ${a.height} and ${b.width} x ${b.height} pixels: their sizes differ`,
    );
  }
  if (!(a.data instanceof Uint8Array) || !(b.data instanceof Uint8Array)) {
    throw new OptionError("Cannot compare pictures of 16 bits: only 8 bits are supported");
  }
  return [a.data, b.data];
}
