// Pictures moved along a flow. See src/motion/move_onto.ts.

import { clamp } from "./numbers";

/**
 * A part of a picture moved along a flow: see move_onto.ts. Reads up to a row and 8 bytes beyond the picture, writes up to 16 bytes beyond
 * the part.
 *
 * @param pixels The whole picture.
 * @param flow Two floats a cell of 16 x 16 pixels; the first cell begins `cellX` pixels to the right of the part's left edge (0 or less),
 * and `cellY` below its upper one; both multiples of 16.
 * @param line Room for two numbers of 32 bits a column.
 * @param x, y, outWidth, outHeight The part; `x` and `y` multiples of 16.
 */
export function move8(
  pixels: usize,
  width: i32,
  height: i32,
  flow: usize,
  columns: i32,
  rows: i32,
  cellX: i32,
  cellY: i32,
  line: usize,
  x: i32,
  y: i32,
  outWidth: i32,
  outHeight: i32,
  out: usize,
): void {
  move<u8>(pixels, width, height, flow, columns, rows, cellX, cellY, line, x, y, outWidth, outHeight, out);
}

/** The same of samples of 16 bits. */
export function move16(
  pixels: usize,
  width: i32,
  height: i32,
  flow: usize,
  columns: i32,
  rows: i32,
  cellX: i32,
  cellY: i32,
  line: usize,
  x: i32,
  y: i32,
  outWidth: i32,
  outHeight: i32,
  out: usize,
): void {
  move<u16>(pixels, width, height, flow, columns, rows, cellX, cellY, line, x, y, outWidth, outHeight, out);
}

function move<T>(
  pixels: usize,
  width: i32,
  height: i32,
  flow: usize,
  columns: i32,
  rows: i32,
  cellX: i32,
  cellY: i32,
  line: usize,
  x: i32,
  y: i32,
  outWidth: i32,
  outHeight: i32,
  out: usize,
): void {
  const pixel = <i32> (3 * sizeof<T>());
  const stride = width * pixel;
  const origin = i32x4.splat(<i32> pixels);
  const lastX = i32x4.splat(width - 1);
  const lastY = i32x4.splat(height - 1);
  const strides = i32x4.splat(stride);
  for (let row = 0; row < outHeight; row++) {
    mixRows(flow, columns, rows, row - cellY, line);
    const baseY = i32x4.splat(y + row);
    let baseX = i32x4.add(i32x4.splat(x), i32x4(0, 1, 2, 3));
    for (let column = 0; column < outWidth;) {
      // So far four pixels at a time lie between the middles of the same two cells. In 1/2^15 pixels, of the sum of 32 shares.
      const place = column - cellX - 8;
      const before = line + 8 * clamp(place >> 4, 0, columns - 1);
      const after = line + 8 * clamp((place >> 4) + 1, 0, columns - 1);
      const shares = i32x4.add(i32x4.splat(2 * (place & 15)), i32x4(1, 3, 5, 7));
      const turnX = load<i32>(after) - load<i32>(before);
      const turnY = load<i32>(after, 4) - load<i32>(before, 4);
      let dx = i32x4.add(i32x4.splat(32 * load<i32>(before)), i32x4.mul(i32x4.splat(turnX), shares));
      let dy = i32x4.add(i32x4.splat(32 * load<i32>(before, 4)), i32x4.mul(i32x4.splat(turnY), shares));
      const nextX = i32x4.splat(8 * turnX);
      const nextY = i32x4.splat(8 * turnY);
      const end = min(outWidth, column + 16 - (place & 15));
      for (; column < end; column += 4) {
        const sx = i32x4.add(i32x4.shr_s(dx, 20), baseX);
        const sy = i32x4.add(i32x4.shr_s(dy, 20), baseY);
        const fx = within(sx, lastX, i32x4.shr_u(i32x4.shl(dx, 12), 17));
        const fy = within(sy, lastY, i32x4.shr_u(i32x4.shl(dy, 12), 17));
        const offset = i32x4.mul(clamped(sy, lastY), strides);
        const from = i32x4.add(i32x4.add(origin, offset), times<T>(clamped(sx, lastX)));
        const to = out + pixel * column;
        // Of the last four, those beyond the row are overwritten by the next one.
        put<T>(i32x4.extract_lane(from, 0), stride, first(fx), first(fy), to);
        put<T>(i32x4.extract_lane(from, 1), stride, second(fx), second(fy), to + pixel);
        put<T>(i32x4.extract_lane(from, 2), stride, third(fx), third(fy), to + 2 * pixel);
        put<T>(i32x4.extract_lane(from, 3), stride, fourth(fx), fourth(fy), to + 3 * pixel);
        dx = i32x4.add(dx, nextX);
        dy = i32x4.add(dy, nextY);
        baseX = i32x4.add(baseX, i32x4.splat(4));
      }
    }
    out += pixel * outWidth;
  }
}

/** One row of flow, between the middles of two rows of cells, in 1/2^15 pixels. */
function mixRows(flow: usize, columns: i32, rows: i32, row: i32, line: usize): void {
  const place = row - 8;
  const above = flow + 8 * columns * clamp(place >> 4, 0, rows - 1);
  const below = flow + 8 * columns * clamp((place >> 4) + 1, 0, rows - 1);
  const shares = 2 * (place & 15) + 1;
  const part = <f32> shares / 32;
  for (let i: usize = 0; i < <usize> (8 * columns); i += 4) {
    const a = load<f32>(above + i);
    const mixed = a + (load<f32>(below + i) - a) * part;
    store<i32>(line + i, <i32> (mixed * 32768));
  }
}

/** Bytes of this many pixels. */
function times<T>(pixels: v128): v128 {
  const samples = i32x4.add(pixels, i32x4.add(pixels, pixels));
  return sizeof<T>() == 1 ? samples : i32x4.add(samples, samples);
}

/** Where a place along a side lies, moved inside. */
function clamped(at: v128, last: v128): v128 {
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(last, at));
}

/** How far towards the next pixel, where both lie inside; else 0. */
function within(at: v128, last: v128, part: v128): v128 {
  return v128.and(part, v128.and(i32x4.gt_s(at, i32x4.splat(-1)), i32x4.lt_s(at, last)));
}

/** Stores the pixel between four, and a byte or sample beyond it. `fx` and `fy`: eight times the same, in 1/2^15. */
function put<T>(from: usize, stride: i32, fx: v128, fy: v128, out: usize): void {
  if (sizeof<T>() == 1) {
    // In 1/128 grey levels, six samples at once: red, green and blue of the left and of the right pixel. Relaxed products differ
    // between processors only where both factors are -1, and parts are never below 0.
    const upper = i16x8.shl(i16x8.extend_low_i8x16_u(v128.load64_zero(from)), 7);
    const lower = i16x8.shl(i16x8.extend_low_i8x16_u(v128.load64_zero(from + stride)), 7);
    const left = i16x8.add(upper, i16x8.relaxed_q15mulr_s(i16x8.sub(lower, upper), fy));
    const right = i8x16.shuffle(left, left, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5);
    const value = i16x8.add(left, i16x8.relaxed_q15mulr_s(i16x8.sub(right, left), fx));
    const whole = i16x8.shr_u(i16x8.add(value, i16x8.splat(64)), 7);
    v128.store32_lane(out, i8x16.narrow_i16x8_u(whole, whole), 0);
  } else {
    const x = f32x4.splat(<f32> i16x8.extract_lane_u(fx, 0) / 32768);
    const y = f32x4.splat(<f32> i16x8.extract_lane_u(fy, 0) / 32768);
    const left = mix(deep(from), deep(from + stride), y);
    const value = f32x4.add(mix(left, mix(deep(from + 6), deep(from + 6 + stride), y), x), f32x4.splat(0.5));
    const whole = i32x4.trunc_sat_f32x4_s(value);
    v128.store64_lane(out, i16x8.narrow_i32x4_u(whole, whole), 0);
  }
}

/** Red, green and blue of 16 bits at an address, and what comes after them. */
function deep(from: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(v128.load64_zero(from)));
}

function mix(from: v128, to: v128, part: v128): v128 {
  return f32x4.add(from, f32x4.mul(f32x4.sub(to, from), part));
}

/** The lower half of the first of four numbers, eight times. */
function first(four: v128): v128 {
  return i8x16.shuffle(four, four, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
}

function second(four: v128): v128 {
  return i8x16.shuffle(four, four, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5);
}

function third(four: v128): v128 {
  return i8x16.shuffle(four, four, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 8, 9);
}

function fourth(four: v128): v128 {
  return i8x16.shuffle(four, four, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13);
}
