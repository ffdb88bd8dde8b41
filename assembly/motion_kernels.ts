// The inner loops of src/motion/, in AssemblyScript: TypeScript with the types and vector instructions of WebAssembly.
// `deno task build:kernels` compiles this file to src/motion/kernels.wasm. Deno's own type checker does not know these types.
//
// Every argument `usize` is an address in the module's memory; the caller lays that out. Planes are of 16 bits, row by row.

/** Cells of the coarse search step this far in each direction, samples. As in block_flow.ts. */
const SEARCH: i32 = 6;
/** Cost of a step of the coarse search, in the units of its sums: 0.1 grey levels x 36 samples x 192 bytes a sample. */
const STEP_COST: i32 = 691;

/** How far a vector may lead on planes of half size, samples; beyond the search, what the refinements add. As in block_flow.ts. */
const HALF_REACH: i32 = 32;

/**
 * Sums of 2 x 2 pixels over three colours: 0 to 3060. Reads 2 bytes beyond the last pixel.
 *
 * @param stride Bytes of a row.
 */
export function reduceHalf8(pixels: usize, stride: i32, columns: i32, rows: i32, out: usize): void {
  const first6 = i8x16(-1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  for (let row = 0; row < rows; row++) {
    let at = pixels + 2 * row * stride;
    for (let column = 0; column < columns; column++, at += 6, out += 2) {
      const upper = i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load64_zero(at), first6));
      const lower = i16x8.extadd_pairwise_i8x16_u(v128.and(v128.load64_zero(at + stride), first6));
      store<u16>(out, <u16> total(i32x4.extadd_pairwise_i16x8_u(i16x8.add(upper, lower))));
    }
  }
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

/** A plane within a larger one, its upper left corner at (margin, margin), edges repeated. */
export function widen(
  plane: usize,
  width: i32,
  height: i32,
  margin: i32,
  out: usize,
  outWidth: i32,
  outHeight: i32,
): void {
  for (let y = 0; y < outHeight; y++) {
    const row = plane + 2 * width * clamp(y - margin, 0, height - 1);
    for (let x = 0; x < outWidth; x++, out += 2) {
      store<u16>(out, load<u16>(row + 2 * clamp(x - margin, 0, width - 1)));
    }
  }
}

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
 * @param vectors Two floats a cell: right and down, in pixels.
 */
export function refine(
  a: usize,
  b: usize,
  columns: i32,
  rows: i32,
  found: usize,
  foundWidth: i32,
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
      let least = cellCost(p, line, origin + y * across + 2 * x, across); // where nothing tells, it stays
      let bestX = x;
      let bestY = y;
      for (let dy = y - 1; dy <= y + 1; dy++) {
        for (let dx = x - 1; dx <= x + 1; dx++) {
          const cost = cellCost(p, line, origin + dy * across + 2 * dx, across);
          if (cost < least) {
            least = cost;
            bestX = dx;
            bestY = dy;
          }
        }
      }
      const q = origin + bestY * across + 2 * bestX;
      const left = cellCost(p, line, q - 2, across);
      const right = cellCost(p, line, q + 2, across);
      const above = cellCost(p, line, q - across, across);
      const below = cellCost(p, line, q + across, across);
      store<f32>(vectors, 4 * (<f32> bestX + vertex(left, least, right)));
      store<f32>(vectors, 4 * (<f32> bestY + vertex(above, least, below)), 4);
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
 * @param vectors As large as `start`.
 */
export function refineHalf(
  a: usize,
  b: usize,
  columns: i32,
  rows: i32,
  start: usize,
  steps: i32,
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
      let least = wideCost(p, line, origin + y * across + 2 * x, across); // where nothing tells, it stays
      let bestX = x;
      let bestY = y;
      for (let dy = y - steps; dy <= y + steps; dy++) {
        for (let dx = x - steps; dx <= x + steps; dx++) {
          const cost = wideCost(p, line, origin + dy * across + 2 * dx, across);
          if (cost < least) {
            least = cost;
            bestX = dx;
            bestY = dy;
          }
        }
      }
      const q = origin + bestY * across + 2 * bestX;
      const left = wideCost(p, line, q - 2, across);
      const right = wideCost(p, line, q + 2, across);
      const above = wideCost(p, line, q - across, across);
      const below = wideCost(p, line, q + across, across);
      store<f32>(vectors, 2 * (<f32> bestX + vertex(left, least, right)));
      store<f32>(vectors, 2 * (<f32> bestY + vertex(above, least, below)), 4);
    }
  }
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
  for (let row = 0; row < outHeight; row++) {
    mixRows(flow, columns, rows, row - cellY, line);
    const baseY = i32x4.splat(y + row);
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
      const end = min(outWidth, column + 16 - (place & 15));
      for (; column < end; column += 4) {
        const sx = i32x4.add(i32x4.shr_s(dx, 20), i32x4.add(i32x4.splat(x + column), i32x4(0, 1, 2, 3)));
        const sy = i32x4.add(i32x4.shr_s(dy, 20), baseY);
        const fx = within(sx, width, i32x4.shr_u(i32x4.shl(dx, 12), 17));
        const fy = within(sy, height, i32x4.shr_u(i32x4.shl(dy, 12), 17));
        const ix = clamped(sx, width);
        const iy = clamped(sy, height);
        const offset = i32x4.add(i32x4.mul(iy, i32x4.splat(stride)), i32x4.mul(ix, i32x4.splat(pixel)));
        const from = i32x4.add(i32x4.splat(<i32> pixels), offset);
        const to = out + pixel * column;
        // Of the last four, those beyond the row are overwritten by the next one.
        put<T>(i32x4.extract_lane(from, 0), stride, first(fx), first(fy), to);
        put<T>(i32x4.extract_lane(from, 1), stride, second(fx), second(fy), to + pixel);
        put<T>(i32x4.extract_lane(from, 2), stride, third(fx), third(fy), to + 2 * pixel);
        put<T>(i32x4.extract_lane(from, 3), stride, fourth(fx), fourth(fy), to + 3 * pixel);
        dx = i32x4.add(dx, i32x4.splat(8 * turnX));
        dy = i32x4.add(dy, i32x4.splat(8 * turnY));
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

/** Where a place along a side lies, moved inside. */
function clamped(at: v128, side: i32): v128 {
  return i32x4.max_s(i32x4.splat(0), i32x4.min_s(i32x4.splat(side - 1), at));
}

/** How far towards the next pixel, where both lie inside; else 0. */
function within(at: v128, side: i32, part: v128): v128 {
  return v128.and(part, v128.and(i32x4.gt_s(at, i32x4.splat(-1)), i32x4.lt_s(at, i32x4.splat(side - 1))));
}

/** Stores the pixel between four, and a byte or sample beyond it. `fx` and `fy`: eight times the same, in 1/2^15. */
function put<T>(from: usize, stride: i32, fx: v128, fy: v128, out: usize): void {
  if (sizeof<T>() == 1) {
    // In 1/128 grey levels, six samples at once: red, green and blue of the left and of the right pixel.
    const upper = i16x8.shl(i16x8.extend_low_i8x16_u(v128.load64_zero(from)), 7);
    const lower = i16x8.shl(i16x8.extend_low_i8x16_u(v128.load64_zero(from + stride)), 7);
    const left = i16x8.add(upper, i16x8.q15mulr_sat_s(i16x8.sub(lower, upper), fy));
    const right = i8x16.shuffle(left, left, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5);
    const value = i16x8.add(left, i16x8.q15mulr_sat_s(i16x8.sub(right, left), fx));
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

/** Sum of absolute differences of the 8 x 8 samples of a cell. */
function cellCost(p: usize, line: i32, q: usize, across: i32): i32 {
  let sums = i32x4.splat(0);
  for (let y = 0; y < 8; y++) {
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(difference(v128.load(p), v128.load(q))));
    p += line;
    q += across;
  }
  return total(sums);
}

/** Sum of absolute differences of the 16 x 16 samples of a cell at half size. */
function wideCost(p: usize, line: i32, q: usize, across: i32): i32 {
  let sums = i32x4.splat(0);
  for (let y = 0; y < 16; y++) {
    const left = difference(v128.load(p), v128.load(q));
    const right = difference(v128.load(p, 16), v128.load(q, 16));
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(left, right))); // 2 x 3060 in 16 bits
    p += line;
    q += across;
  }
  return total(sums);
}

/** Absolute differences of eight samples. */
function difference(a: v128, b: v128): v128 {
  return i16x8.sub(i16x8.max_u(a, b), i16x8.min_u(a, b));
}

/** Sum of four numbers. */
function total(sums: v128): i32 {
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
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

function clamp(at: i32, first: i32, last: i32): i32 {
  return max(first, min(last, at));
}
