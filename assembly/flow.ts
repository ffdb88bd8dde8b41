// Block flow: where the cells of one plane lie in another. See src/motion/block_flow.ts.

import { total } from "./numbers";

/** Cells of the coarse search step this far in each direction, samples. As in block_flow.ts. */
const SEARCH: i32 = 6;

/** Cost of a step of the coarse search, in the units of its sums: 0.1 grey levels x 36 samples x 192 bytes a sample. */
const STEP_COST: i32 = 691;

/** How far a vector may lead on planes of half size, samples; beyond the search, what the refinements add. As in block_flow.ts. */
const HALF_REACH: i32 = 32;

/**
 * The best whole displacement of each cell of 2 x 2 samples, compared by 6 x 6: sums over 3 x 3 pairs of 2 x 2, shared by the cells
 * beside.
 *
 * @param a Widened by 2 samples: rows of `width`, `2 rows + 4` of them.
 * @param b Widened by 2 + SEARCH samples: rows of `width + 2 SEARCH`.
 * @param width A multiple of 8, at least `2 columns + 4`.
 * @param pairs Room for `width / 2 x (rows + 2)` numbers of 32 bits and 16 bytes more.
 * @param best Room for `width / 2` such numbers a row of cells.
 * @param found As large: which displacement it is, `(dy + SEARCH) (2 SEARCH + 1) + dx + SEARCH`.
 */
export function searchCoarse(
  a: usize,
  b: usize,
  width: i32,
  rows: i32,
  pairs: usize,
  best: usize,
  found: usize,
): void {
  const across = 2 * (width + 2 * SEARCH);
  const line = 2 * width; // bytes of a row of a, and of a row of pairs
  for (let i = 0; i < rows * line; i += 16) v128.store(best + i, i32x4.splat(i32.MAX_VALUE));
  for (let dy = -SEARCH; dy <= SEARCH; dy++) {
    for (let dx = -SEARCH; dx <= SEARCH; dx++) {
      const shifted = b + (dy + SEARCH) * across + 2 * (dx + SEARCH);
      for (let y = 0; y < rows + 2; y++) {
        let p = a + 2 * y * line;
        let q = shifted + 2 * y * across;
        const out = pairs + y * line;
        for (let x = 0; x < line; x += 16, p += 16, q += 16) {
          const upper = i32x4.extadd_pairwise_i16x8_u(difference(v128.load(p), v128.load(q)));
          const lower = i32x4.extadd_pairwise_i16x8_u(difference(v128.load(p + line), v128.load(q + across)));
          v128.store(out + x, i32x4.add(upper, lower));
        }
      }
      const extra = i32x4.splat(STEP_COST * (abs(dx) + abs(dy)));
      const name = i32x4.splat((dy + SEARCH) * (2 * SEARCH + 1) + dx + SEARCH);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < line; x += 16) {
          const at = pairs + y * line + x;
          let cost = i32x4.add(extra, threeFrom(at));
          cost = i32x4.add(cost, i32x4.add(threeFrom(at + line), threeFrom(at + 2 * line)));
          const cell = y * line + x;
          const least = v128.load(best + cell);
          const isLess = i32x4.lt_s(cost, least);
          v128.store(best + cell, v128.bitselect(cost, least, isLess));
          v128.store(found + cell, v128.bitselect(name, v128.load(found + cell), isLess));
        }
      }
    }
  }
}

/**
 * One sample around what the coarse search found, in planes of twice its size, then between samples by a parabola.
 *
 * @param a Widened by 2 samples: rows of `4 columns + 4`.
 * @param b Widened by `2 + reach` samples, `reach = 2 SEARCH + 2`: rows of `4 columns + 4 + 2 reach`.
 * @param found By `searchCoarse`, rows of `foundWidth`.
 * @param costs Room for 9 numbers of 32 bits.
 * @param vectors Two floats a cell: right and down, in pixels.
 */
export function refine(
  a: usize,
  b: usize,
  columns: i32,
  rows: i32,
  found: usize,
  foundWidth: i32,
  costs: usize,
  vectors: usize,
): void {
  const reach = 2 * SEARCH + 2;
  const line = 2 * (4 * columns + 4);
  const across = line + 4 * reach;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, vectors += 8) {
      const name = load<i32>(found + 4 * (row * foundWidth + column));
      const x = 2 * (name % (2 * SEARCH + 1) - SEARCH);
      const y = 2 * (name / (2 * SEARCH + 1) - SEARCH);
      const p = a + 4 * row * line + 8 * column;
      const origin = b + (4 * row + reach) * across + 2 * (4 * column + reach);
      settle(4, p, line, origin, across, x, y, 1, costs, vectors);
    }
  }
}

/**
 * Some samples around each vector, in planes of half size, then between samples by a parabola. Cells are compared by 16 x 16 samples,
 * 4 beyond them on each side.
 *
 * @param a Widened by 4 samples: rows of `8 columns + 8`.
 * @param b Widened by `4 + HALF_REACH` samples: rows of `8 columns + 8 + 2 HALF_REACH`.
 * @param start Two floats a cell, in pixels; none leads further than HALF_REACH less `steps + 1` samples.
 * @param steps Samples searched in each direction.
 * @param costs Room for `(2 steps + 1)²` numbers of 32 bits.
 * @param vectors As large as `start`.
 */
export function refineHalf(
  a: usize,
  b: usize,
  columns: i32,
  rows: i32,
  start: usize,
  steps: i32,
  costs: usize,
  vectors: usize,
): void {
  const line = 2 * (8 * columns + 8);
  const across = line + 4 * HALF_REACH;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, start += 8, vectors += 8) {
      const x = <i32> floor(load<f32>(start) / 2 + 0.5);
      const y = <i32> floor(load<f32>(start, 4) / 2 + 0.5);
      const p = a + 8 * row * line + 16 * column;
      const origin = b + (8 * row + HALF_REACH) * across + 2 * (8 * column + HALF_REACH);
      settle(2, p, line, origin, across, x, y, steps, costs, vectors);
    }
  }
}

/**
 * Stores the vector of a cell, in pixels: the best of the samples around one, then between samples by a parabola.
 *
 * @param scale Pixels a sample, 4 or 2: what of a cell is compared depends on it.
 * @param origin Where in the other plane the cell lies if it has not moved.
 * @param x, y Where to begin, samples. @param steps Samples searched in each direction.
 * @param costs Room for a number of 32 bits for each place that is searched.
 */
function settle(
  scale: i32,
  p: usize,
  line: i32,
  origin: usize,
  across: i32,
  x: i32,
  y: i32,
  steps: i32,
  costs: usize,
  vector: usize,
): void {
  const middle = origin + y * across + 2 * x;
  const side = 2 * steps + 1;
  for (let dy = -steps, at = costs; dy <= steps; dy++) {
    for (let dx = -steps; dx <= steps; dx++, at += 4) {
      store<i32>(at, costOf(scale, p, line, middle + dy * across + 2 * dx, across));
    }
  }
  let best = steps * (side + 1);
  let least = load<i32>(costs + 4 * best); // where nothing tells, it stays
  for (let i = 0; i < side * side; i++) {
    const cost = load<i32>(costs + 4 * i);
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  const dx = best % side - steps;
  const dy = best / side - steps;
  const q = middle + dy * across + 2 * dx;
  const here = costs + 4 * best;
  const left = dx > -steps ? load<i32>(here - 4) : costOf(scale, p, line, q - 2, across);
  const right = dx < steps ? load<i32>(here + 4) : costOf(scale, p, line, q + 2, across);
  const above = dy > -steps ? load<i32>(here - 4 * side) : costOf(scale, p, line, q - across, across);
  const below = dy < steps ? load<i32>(here + 4 * side) : costOf(scale, p, line, q + across, across);
  store<f32>(vector, <f32> scale * (<f32> (x + dx) + vertex(left, least, right)));
  store<f32>(vector, <f32> scale * (<f32> (y + dy) + vertex(above, least, below)), 4);
}

/** How badly a cell fits, at 1/4 or at 1/2 size. */
function costOf(scale: i32, p: usize, line: i32, q: usize, across: i32): i32 {
  return scale == 4 ? cellCost(p, line, q, across) : wideCost(p, line, q, across);
}

/** The median of each cell and its eight neighbours, each component on its own; edges repeated. */
export function medians(vectors: usize, columns: i32, rows: i32, out: usize): void {
  for (let row = 0; row < rows; row++) {
    const above = vectors + 8 * columns * max(0, row - 1);
    const here = vectors + 8 * columns * row;
    const below = vectors + 8 * columns * min(rows - 1, row + 1);
    for (let column = 0; column < columns; column++, out += 8) {
      const left = 8 * max(0, column - 1);
      const right = 8 * min(columns - 1, column + 1);
      // Right and down at once, in two lanes. With each column of three sorted, the median of nine is that of the largest of the
      // least, the middle of the middle and the least of the largest.
      const a0 = v128.load64_zero(above + left);
      const a1 = v128.load64_zero(here + left);
      const a2 = v128.load64_zero(below + left);
      const b0 = v128.load64_zero(above + 8 * column);
      const b1 = v128.load64_zero(here + 8 * column);
      const b2 = v128.load64_zero(below + 8 * column);
      const c0 = v128.load64_zero(above + right);
      const c1 = v128.load64_zero(here + right);
      const c2 = v128.load64_zero(below + right);
      const median = middle(
        most(least(a0, a1, a2), least(b0, b1, b2), least(c0, c1, c2)),
        middle(middle(a0, a1, a2), middle(b0, b1, b2), middle(c0, c1, c2)),
        least(most(a0, a1, a2), most(b0, b1, b2), most(c0, c1, c2)),
      );
      v128.store64_lane(out, median, 0);
    }
  }
}

/** Sum of absolute differences of the 8 x 8 samples of a cell at 1/4 size, each 12240 at most. */
function cellCost(p: usize, line: i32, q: usize, across: i32): i32 {
  let sums = i32x4.splat(0);
  for (let y = 0; y < 2; y++) {
    let four = i16x8.splat(0);
    for (let i = 0; i < 4; i++, p += line, q += across) {
      four = i16x8.add(four, i16x8.abs(i16x8.sub(v128.load(p), v128.load(q))));
    }
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(four));
  }
  return total(sums);
}

/** Sum of absolute differences of the 16 x 16 samples of a cell at half size, each 3060 at most. */
function wideCost(p: usize, line: i32, q: usize, across: i32): i32 {
  let left = i16x8.splat(0);
  let right = i16x8.splat(0);
  for (let y = 0; y < 16; y++, p += line, q += across) {
    left = i16x8.add(left, i16x8.abs(i16x8.sub(v128.load(p), v128.load(q))));
    right = i16x8.add(right, i16x8.abs(i16x8.sub(v128.load(p, 16), v128.load(q, 16))));
  }
  return total(i32x4.add(i32x4.extadd_pairwise_i16x8_u(left), i32x4.extadd_pairwise_i16x8_u(right)));
}

/** Absolute differences of eight samples. */
function difference(a: v128, b: v128): v128 {
  return i16x8.sub(i16x8.max_u(a, b), i16x8.min_u(a, b));
}

/** Of each of four numbers at an address, its sum with the two that follow. */
function threeFrom(at: usize): v128 {
  return i32x4.add(v128.load(at), i32x4.add(v128.load(at, 4), v128.load(at, 8)));
}

/** Where between -1/2 and 1/2 a parabola through three costs has its least; 0 where the match is perfect already. */
function vertex(before: i32, here: i32, after: i32): f32 {
  const bend = before - 2 * here + after;
  return here > 0 && bend > 0 ? max<f32>(-0.5, min<f32>(0.5, 0.5 * <f32> (before - after) / <f32> bend)) : 0;
}

function least(a: v128, b: v128, c: v128): v128 {
  return f32x4.min(a, f32x4.min(b, c));
}

function most(a: v128, b: v128, c: v128): v128 {
  return f32x4.max(a, f32x4.max(b, c));
}

function middle(a: v128, b: v128, c: v128): v128 {
  return f32x4.max(f32x4.min(a, b), f32x4.min(f32x4.max(a, b), c));
}
