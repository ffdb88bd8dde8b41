import { gaussian } from "../gaussian.ts";

/** A square RGB picture blurred by a Gaussian of `sigma` pixels, as a softer lens would have recorded it; edges are repeated. */
export function soften(picture: Uint8Array, size: number, sigma: number): Uint8Array<ArrayBuffer> {
  const radius = Math.ceil(3 * sigma);
  const kernel = gaussian(new Float32Array(2 * radius + 1), sigma);
  const stride = 3 * size;
  const rows = new Float32Array((size + 2 * radius) * stride);
  const line = new Float32Array(stride + 6 * radius);
  for (let y = 0; y < size; y++) {
    for (let x = -radius, i = 0; x < size + radius; x++, i += 3) {
      const from = y * stride + 3 * Math.min(size - 1, Math.max(0, x));
      line[i] = picture[from] as number;
      line[i + 1] = picture[from + 1] as number;
      line[i + 2] = picture[from + 2] as number;
    }
    convolve(rows.subarray((radius + y) * stride, (radius + y + 1) * stride), kernel, line, 3);
  }
  const bottom = (radius + size) * stride;
  for (let at = 0; at < radius * stride; at += stride) {
    rows.copyWithin(at, radius * stride, (radius + 1) * stride);
    rows.copyWithin(bottom + at, bottom - stride, bottom);
  }
  const soft = new Uint8Array(picture.length);
  const row = new Float32Array(stride);
  for (let at = 0; at < soft.length; at += stride) {
    convolve(row, kernel, rows.subarray(at), stride);
    for (let i = 0; i < stride; i++) soft[at + i] = (row[i] as number) + 0.5;
  }
  return soft;
}

/** Weighted sums of samples `step` apart, beginning at the same index in `source`. Three samples at a time, which is twice as fast. */
function convolve(sums: Float32Array, kernel: Float32Array, source: Float32Array, step: number): void {
  for (let i = 0; i < sums.length; i += 3) {
    let [red, green, blue] = [0, 0, 0];
    for (let tap = 0, from = i; tap < kernel.length; tap++, from += step) {
      const weight = kernel[tap] as number;
      red = Math.fround(red + weight * (source[from] as number));
      green = Math.fround(green + weight * (source[from + 1] as number));
      blue = Math.fround(blue + weight * (source[from + 2] as number));
    }
    sums[i] = red;
    sums[i + 1] = green;
    sums[i + 2] = blue;
  }
}
