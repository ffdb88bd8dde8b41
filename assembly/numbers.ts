// What the kernels share.

/** Sum of four numbers. */
export function total(sums: v128): i32 {
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
}

/** Four floats between others, each the same share of the way. */
export function between(from: v128, to: v128, part: v128): v128 {
  return f32x4.add(from, f32x4.mul(f32x4.sub(to, from), part));
}

/** A number moved between two bounds. */
export function clamp(at: i32, first: i32, last: i32): i32 {
  return max(first, min(last, at));
}
