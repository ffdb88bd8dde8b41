// What the kernels share.

/** Sum of four numbers. */
export function total(sums: v128): i32 {
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
}

/** A number moved between two bounds. */
export function clamp(at: i32, first: i32, last: i32): i32 {
  return max(first, min(last, at));
}
