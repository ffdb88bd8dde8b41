// Pictures compared by blocks, and mixed. See src/motion/fuse_neighbours.ts.

import { between, clamp, total } from "./numbers";

/** Side of a block, in pixels. As in fuse_neighbours.ts. */
const BLOCK: i32 = 8;

/** Sums of absolute differences of two pictures over blocks of 8 x 8 pixels and three colours, as floats; smaller blocks at the right and below. */
export function differ8(a: usize, b: usize, width: i32, height: i32, out: usize): void {
  differ<u8>(a, b, width, height, out);
}

/** The same of samples of 16 bits. */
export function differ16(a: usize, b: usize, width: i32, height: i32, out: usize): void {
  differ<u16>(a, b, width, height, out);
}

function differ<T>(a: usize, b: usize, width: i32, height: i32, out: usize): void {
  const bytes = <i32> sizeof<T>();
  const row = 3 * bytes * width;
  for (let y = 0; y < height; y += BLOCK) {
    const rows = min(BLOCK, height - y);
    for (let x = 0; x < width; x += BLOCK, out += 4) {
      const at = y * row + 3 * bytes * x;
      const isWhole = sizeof<T>() == 1 && x + BLOCK <= width;
      const sum = isWhole
        ? differenceOfBlock(a + at, b + at, row, rows)
        : differenceOf<T>(a + at, b + at, row, rows, 3 * bytes * min(BLOCK, width - x));
      store<f32>(out, <f32> sum);
    }
  }
}

/** @param across Bytes of a row of the block. */
function differenceOf<T>(a: usize, b: usize, stride: i32, rows: i32, across: i32): i32 {
  let sum: i32 = 0;
  for (let y = 0; y < rows; y++, a += stride, b += stride) {
    for (let at = 0; at < across; at += <i32> sizeof<T>()) {
      sum += abs(<i32> load<T>(a + at) - <i32> load<T>(b + at));
    }
  }
  return sum;
}

/** The same of rows of 24 bytes. */
function differenceOfBlock(a: usize, b: usize, stride: i32, rows: i32): i32 {
  let sums = i16x8.splat(0); // at most 4 x 8 x 255 in each
  for (let y = 0; y < rows; y++, a += stride, b += stride) {
    const first = difference(v128.load(a), v128.load(b));
    const rest = difference(v128.load64_zero(a, 16), v128.load64_zero(b, 16));
    sums = i16x8.add(
      sums,
      i16x8.add(i16x8.extadd_pairwise_i8x16_u(first), i16x8.extadd_pairwise_i8x16_u(rest)),
    );
  }
  return total(i32x4.extadd_pairwise_i16x8_u(sums));
}

function difference(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/**
 * `picture + p previous + n next`, divided by `1 + p + n`, rounded. Reads and writes up to 18 bytes beyond the pictures.
 *
 * @param weights Two floats a block of 8 x 8 pixels, p and n; a pixel's are bilinear between the middles of the blocks.
 * @param line Room for two floats a block of a row, and 8 bytes more.
 */
export function mix8(
  picture: usize,
  previous: usize,
  next: usize,
  weights: usize,
  line: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  mix<u8>(picture, previous, next, weights, line, width, height, out);
}

/** The same of samples of 16 bits. */
export function mix16(
  picture: usize,
  previous: usize,
  next: usize,
  weights: usize,
  line: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  mix<u16>(picture, previous, next, weights, line, width, height, out);
}

function mix<T>(
  picture: usize,
  previous: usize,
  next: usize,
  weights: usize,
  line: usize,
  width: i32,
  height: i32,
  out: usize,
): void {
  const columns = (width + BLOCK - 1) / BLOCK;
  const rows = (height + BLOCK - 1) / BLOCK;
  const four = <i32> (4 * sizeof<T>());
  for (let y = 0; y < height; y++) {
    mixRows(weights, columns, rows, y, line);
    let at = 3 * y * width * <i32> sizeof<T>();
    // Four pixels at a time: they lie between the middles of the same two blocks. Those beyond the row are overwritten by the next one.
    for (let x = 0; x < width; x += 4) {
      const place = x - BLOCK / 2;
      const left = line + 8 * clamp(place >> 3, 0, columns - 1);
      const right = line + 8 * clamp((place >> 3) + 1, 0, columns - 1);
      const sixteenths = i32x4.add(i32x4.splat(2 * (place & 7)), i32x4(1, 3, 5, 7));
      const part = f32x4.mul(f32x4.convert_i32x4_s(sixteenths), f32x4.splat(1 / 16));
      const p = between(v128.load32_splat(left), v128.load32_splat(right), part);
      const n = between(v128.load32_splat(left, 4), v128.load32_splat(right, 4), part);
      const share = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.add(f32x4.splat(1), p), n));
      mixFour<T>(first(p), first(n), first(share), picture + at, previous + at, next + at, out + at);
      at += four;
      mixFour<T>(second(p), second(n), second(share), picture + at, previous + at, next + at, out + at);
      at += four;
      mixFour<T>(third(p), third(n), third(share), picture + at, previous + at, next + at, out + at);
      at += four;
    }
  }
}

/** Mixes four samples. Relaxed rounding differs between processors only outside of what 32 bits hold. @param share What the sum is multiplied by. */
function mixFour<T>(
  p: v128,
  n: v128,
  share: v128,
  picture: usize,
  previous: usize,
  next: usize,
  out: usize,
): void {
  let sum = samples<T>(picture);
  sum = f32x4.add(sum, f32x4.mul(p, samples<T>(previous)));
  sum = f32x4.add(sum, f32x4.mul(n, samples<T>(next)));
  put<T>(out, i32x4.relaxed_trunc_f32x4_s(f32x4.add(f32x4.mul(sum, share), f32x4.splat(0.5))));
}

/** The numbers of four pixels, for the first four of their twelve samples. */
function first(four: v128): v128 {
  return i32x4.shuffle(four, four, 0, 0, 0, 1);
}

function second(four: v128): v128 {
  return i32x4.shuffle(four, four, 1, 1, 2, 2);
}

function third(four: v128): v128 {
  return i32x4.shuffle(four, four, 2, 3, 3, 3);
}

/** One row of weights, between the middles of two rows of blocks. */
function mixRows(weights: usize, columns: i32, rows: i32, y: i32, line: usize): void {
  const place = y - BLOCK / 2;
  const above = weights + 8 * columns * clamp(place >> 3, 0, rows - 1);
  const below = weights + 8 * columns * clamp((place >> 3) + 1, 0, rows - 1);
  const sixteenths = 2 * (place & 7) + 1;
  const part = f32x4.splat(<f32> sixteenths / 16);
  for (let i = 0; i < 8 * columns; i += 16) {
    v128.store(line + i, between(v128.load(above + i), v128.load(below + i), part));
  }
}

/** Four samples at an address. */
function samples<T>(from: usize): v128 {
  if (sizeof<T>() == 1) {
    const wide = i16x8.extend_low_i8x16_u(v128.load32_zero(from));
    return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(wide));
  }
  return f32x4.convert_i32x4_s(v128.load16x4_u(from));
}

/** Stores four samples. */
function put<T>(to: usize, values: v128): void {
  const wide = i16x8.narrow_i32x4_u(values, values);
  if (sizeof<T>() == 1) v128.store32_lane(to, i8x16.narrow_i16x8_u(wide, wide), 0);
  else v128.store64_lane(to, wide, 0);
}
