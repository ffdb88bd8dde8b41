// Planes: pictures made smaller, and put into larger planes.

import { clamp, total } from "./numbers";

/**
 * Sums of 2 x 2 pixels over three colours: 0 to 3060. Reads up to 22 bytes beyond the last pixel, writes up to 6 beyond the sums.
 *
 * @param stride Bytes of a row.
 */
export function reduceHalf8(pixels: usize, stride: i32, columns: i32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = pixels + 2 * row * stride;
    const next = out + 2 * columns;
    // Four sums at a time: those beyond the row are overwritten by the next one.
    for (; out < next; at += 24, out += 8) {
      const left = twoSums(at, stride);
      const right = twoSums(at + 12, stride);
      const even = i32x4.shuffle(left, right, 0, 2, 4, 6);
      const sums = i32x4.add(even, i32x4.shuffle(left, right, 1, 3, 5, 7));
      v128.store64_lane(out, i16x8.narrow_i32x4_u(sums, sums), 0);
    }
    out = next;
  }
}

/** Sums of 2 x 2 pixels, each in two parts, of two that lie beside each other. */
function twoSums(at: usize, stride: i32): v128 {
  // Six bytes and two zeros, twice.
  const six = i8x16(0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1);
  const upper = i16x8.extadd_pairwise_i8x16_u(i8x16.swizzle(v128.load(at), six));
  const lower = i16x8.extadd_pairwise_i8x16_u(i8x16.swizzle(v128.load(at + stride), six));
  return i32x4.extadd_pairwise_i16x8_u(i16x8.add(upper, lower));
}

/** The same of samples of 16 bits, in the same units, rounded. */
export function reduceHalf16(pixels: usize, stride: i32, columns: i32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = pixels + 2 * row * stride;
    for (let column = 0; column < columns; column++, at += 12, out += 2) {
      let sum: u32 = 0;
      for (let i = 0; i < 12; i += 2) sum += load<u16>(at + i) + load<u16>(at + stride + i);
      store<u16>(out, <u16> ((sum + 128) / 257));
    }
  }
}

/**
 * Sums of 4 x 4 pixels over three colours: 0 to 12240. Reads 4 bytes beyond the last pixel.
 *
 * @param stride Bytes of a row.
 */
export function reduce8(pixels: usize, stride: i32, columns: i32, rows: i32, out: usize): void {
  const first12 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0);
  for (let row = 0; row < rows; row++) {
    let at = pixels + 4 * row * stride;
    for (let column = 0; column < columns; column++, at += 12, out += 2) {
      let sums = i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load(at), first12));
      sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load(at + stride), first12)));
      sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load(at + 2 * stride), first12)));
      sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load(at + 3 * stride), first12)));
      store<u16>(out, <u16> total(i32x4.extadd_pairwise_i16x8_u(sums)));
    }
  }
}

/** The same of samples of 16 bits, in the same units, rounded. */
export function reduce16(pixels: usize, stride: i32, columns: i32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = pixels + 4 * row * stride;
    for (let column = 0; column < columns; column++, at += 24, out += 2) {
      let sum: u32 = 0;
      for (let y = 0; y < 4; y++) {
        for (let i = 0; i < 24; i += 2) sum += load<u16>(at + y * stride + i);
      }
      store<u16>(out, <u16> ((sum + 128) / 257));
    }
  }
}

/** Sums of 2 x 2 samples: 0 to 48960. */
export function halve(plane: usize, width: i32, columns: i32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = plane + 4 * row * width;
    for (let column = 0; column < columns; column++, at += 4, out += 2) {
      const below = at + 2 * width;
      store<u16>(out, load<u16>(at) + load<u16>(at, 2) + load<u16>(below) + load<u16>(below, 2));
    }
  }
}

/** A plane within a larger one that holds all of it, its upper left corner at (margin, margin), edges repeated. */
export function widen(
  plane: usize,
  width: i32,
  height: i32,
  margin: i32,
  out: usize,
  outWidth: i32,
  outHeight: i32,
): void {
  for (let y = 0; y < outHeight; y++, out += 2 * outWidth) {
    const row = plane + 2 * width * clamp(y - margin, 0, height - 1);
    for (let x = 0; x < margin; x++) store<u16>(out + 2 * x, load<u16>(row));
    memory.copy(out + 2 * margin, row, 2 * width);
    for (let x = margin + width; x < outWidth; x++) store<u16>(out + 2 * x, load<u16>(row + 2 * (width - 1)));
  }
}
