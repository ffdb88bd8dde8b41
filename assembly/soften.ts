// A picture blurred along its rows and its columns. See src/train/batch/soften.ts.

import { clamp } from "./numbers";

/**
 * Blurs a square RGB picture of 8 bits; edges are repeated.
 *
 * @param kernel `2 radius + 1` floats, whose sum is 1.
 * @param line Room for `3 (size + 2 radius)` floats and 16 bytes more.
 * @param rows Room for `size + 2 radius` rows of `3 size` floats and 16 bytes more.
 */
export function soften8(
  picture: usize,
  size: i32,
  kernel: usize,
  radius: i32,
  line: usize,
  rows: usize,
  out: usize,
): void {
  const stride = 12 * size;
  const first = rows + radius * stride;
  for (let y = 0; y < size; y++) {
    for (let x = -radius, to = line; x < size + radius; x++, to += 12) {
      const from = picture + 3 * (y * size + clamp(x, 0, size - 1));
      store<f32>(to, <f32> load<u8>(from));
      store<f32>(to, <f32> load<u8>(from, 1), 4);
      store<f32>(to, <f32> load<u8>(from, 2), 8);
    }
    weigh(line, 12, kernel, radius, first + y * stride, stride);
  }
  const end = first + size * stride;
  for (let at = 0; at < radius * stride; at += stride) {
    memory.copy(rows + at, first, stride);
    memory.copy(end + at, end - stride, stride);
  }
  for (let y = 0; y < size; y++) {
    weigh(rows + y * stride, stride, kernel, radius, line, stride);
    for (let x = 0; x < stride; x += 4, out++) store<u8>(out, <u8> (load<f32>(line + x) + 0.5));
  }
}

/** Weighted sums of floats that are `step` bytes apart, beginning at each of `bytes` bytes of floats. */
function weigh(from: usize, step: i32, kernel: usize, radius: i32, out: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 16) {
    let sum = f32x4.splat(0);
    let at = from + i;
    for (let tap = 0; tap <= 8 * radius; tap += 4, at += step) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(kernel + tap), v128.load(at)));
    }
    v128.store(out + i, sum);
  }
}
