import type { Picture } from "../frame.ts";
import { type Plane, reducePicture, widenPlane } from "./plane.ts";

/** Side of a cell, in pixels. */
export const CELL = 16;
/** How far the coarse search goes in each direction, in pixels of planes reduced to 1/8. */
const SEARCH = 6;
/** What a step of the coarse search has to gain: where nothing tells, standing still wins. Grey levels of 8 bits. */
const STEP_COST = 0.1;

/** Where the parts of one picture lie in another. */
export interface BlockFlow {
  /** Cells from left to right: `ceil(width / 16)`. */
  readonly columns: number;
  /** Cells from top to bottom: `ceil(height / 16)`. */
  readonly rows: number;
  /** Two numbers a cell, row by row: how far to the right and how far down its content lies in the other picture, in pixels. */
  readonly vectors: Float32Array<ArrayBuffer>;
}

/** Means of 4 × 4 and of 8 × 8 pixels: all that {@linkcode blockFlow} compares, kept so that a frame is reduced only once. */
export interface Pyramid {
  /** Pixels of the picture. */
  readonly width: number;
  /** Pixels of the picture. */
  readonly height: number;
  readonly quarter: Plane;
  readonly eighth: Plane;
}

/** Prepares a picture of 8 or 16 bits for {@linkcode blockFlow}. */
export function flowPyramid(picture: Picture): Pyramid {
  const quarter = reducePicture(picture);
  const { width, height } = picture;
  return { width, height, quarter, eighth: halvePlane(quarter) };
}

/**
 * Block matching: for each cell of 16 × 16 pixels of `from`, where it lies in `to`. Searched over ±48 pixels on means of 8 × 8,
 * refined on means of 4 × 4, below a sample by a parabola, and smoothed by a median over 3 × 3 cells. Pictures of fewer than 8
 * pixels a side have no flow that could be measured: zero.
 */
export function blockFlow(from: Pyramid, to: Pyramid): BlockFlow {
  const [columns, rows] = [Math.ceil(from.width / CELL), Math.ceil(from.height / CELL)];
  const vectors = new Float32Array(2 * columns * rows);
  if (from.eighth.data.length === 0 || from.width !== to.width || from.height !== to.height) {
    return { columns, rows, vectors };
  }
  const coarse = searchCoarse(from.eighth, to.eighth, columns, rows);
  refine(from.quarter, to.quarter, coarse, vectors, columns);
  return { columns, rows, vectors: medians(vectors, columns, rows) };
}

/** The best whole displacement of each cell, in samples of 1/8 size: `[dx, dy]` one after the other. */
function searchCoarse(from: Plane, to: Plane, columns: number, rows: number): Int8Array {
  // A cell is compared by 6 × 6 samples, two beyond it on each side: sums over 3 × 3 pairs, shared by the cells beside.
  const width = 2 * columns + 4;
  const height = 2 * rows + 4;
  const a = widenPlane(from, 2, width, height);
  const margin = 2 + SEARCH;
  const across = width + 2 * SEARCH;
  const b = widenPlane(to, margin, across, height + 2 * SEARCH);
  const best = new Float32Array(columns * rows).fill(Infinity);
  const found = new Int8Array(2 * columns * rows);
  const pairs = new Float32Array((columns + 2) * (rows + 2));
  for (let dy = -SEARCH; dy <= SEARCH; dy++) {
    for (let dx = -SEARCH; dx <= SEARCH; dx++) {
      const shift = (dy + SEARCH) * across + dx + SEARCH;
      for (let y = 0, pair = 0; y < height; y += 2) {
        let p = y * width;
        let q = shift + y * across;
        for (let x = 0; x < columns + 2; x++, p += 2, q += 2, pair++) {
          pairs[pair] = Math.abs((a[p] as number) - (b[q] as number)) +
            Math.abs((a[p + 1] as number) - (b[q + 1] as number)) +
            Math.abs((a[p + width] as number) - (b[q + across] as number)) +
            Math.abs((a[p + width + 1] as number) - (b[q + across + 1] as number));
        }
      }
      const extra = STEP_COST * (Math.abs(dx) + Math.abs(dy));
      for (let y = 0, cell = 0; y < rows; y++) {
        for (let x = 0, i = y * (columns + 2); x < columns; x++, i++, cell++) {
          let sum = 0;
          for (let row = i; row < i + 3 * (columns + 2); row += columns + 2) {
            sum += (pairs[row] as number) + (pairs[row + 1] as number) + (pairs[row + 2] as number);
          }
          const cost = sum / 36 + extra;
          if (cost < (best[cell] as number)) {
            best[cell] = cost;
            found[2 * cell] = dx;
            found[2 * cell + 1] = dy;
          }
        }
      }
    }
  }
  return found;
}

/** One sample of 1/4 size around what the coarse search found, then between the samples. */
function refine(from: Plane, to: Plane, coarse: Int8Array, vectors: Float32Array, columns: number): void {
  const rows = coarse.length / 2 / columns;
  const [width, height] = [4 * columns + 4, 4 * rows + 4];
  const a = widenPlane(from, 2, width, height);
  const reach = 2 * SEARCH + 2;
  const across = width + 2 * reach;
  const b = widenPlane(to, 2 + reach, across, height + 2 * reach);
  /** Mean absolute difference of the 8 × 8 samples of a cell, two beyond it on each side. */
  const cost = (column: number, row: number, dx: number, dy: number): number => {
    let sum = 0;
    let p = 4 * row * width + 4 * column;
    let q = (4 * row + reach + dy) * across + 4 * column + reach + dx;
    for (let y = 0; y < 8; y++, p += width - 8, q += across - 8) {
      for (let x = 0; x < 8; x++, p++, q++) sum += Math.abs((a[p] as number) - (b[q] as number));
    }
    return sum / 64;
  };
  for (let cell = 0; cell < columns * rows; cell++) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    const [x, y] = [2 * (coarse[2 * cell] as number), 2 * (coarse[2 * cell + 1] as number)];
    let [least, bestX, bestY] = [Infinity, x, y];
    for (let dy = y - 1; dy <= y + 1; dy++) {
      for (let dx = x - 1; dx <= x + 1; dx++) {
        const here = cost(column, row, dx, dy);
        if (here < least) [least, bestX, bestY] = [here, dx, dy];
      }
    }
    const beside = (dx: number, dy: number) => cost(column, row, bestX + dx, bestY + dy);
    vectors[2 * cell] = 4 * (bestX + vertex(beside(-1, 0), least, beside(1, 0)));
    vectors[2 * cell + 1] = 4 * (bestY + vertex(beside(0, -1), least, beside(0, 1)));
  }
}

/** Where between -½ and ½ a parabola through three costs has its least. */
function vertex(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  return bend > 1e-6 ? Math.max(-0.5, Math.min(0.5, 0.5 * (before - after) / bend)) : 0;
}

/** The median of each cell and its eight neighbours, each component on its own; edges repeated. */
function medians(vectors: Float32Array, columns: number, rows: number): Float32Array<ArrayBuffer> {
  const smooth = new Float32Array(vectors.length);
  const around = new Float32Array(9);
  for (let cell = 0; cell < columns * rows; cell++) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    for (let component = 0; component < 2; component++) {
      let n = 0;
      for (let dy = -1; dy <= 1; dy++) {
        const y = Math.max(0, Math.min(rows - 1, row + dy));
        for (let dx = -1; dx <= 1; dx++) {
          const x = Math.max(0, Math.min(columns - 1, column + dx));
          around[n++] = vectors[2 * (y * columns + x) + component] as number;
        }
      }
      smooth[2 * cell + component] = around.sort()[4] as number;
    }
  }
  return smooth;
}

function halvePlane({ data, width, height }: Plane): Plane {
  const [across, down] = [width >> 1, height >> 1];
  const halved = new Float32Array(across * down);
  for (let y = 0, i = 0; y < down; y++) {
    for (let x = 0, p = 2 * y * width; x < across; x++, p += 2, i++) {
      halved[i] = ((data[p] as number) + (data[p + 1] as number) + (data[p + width] as number) +
        (data[p + width + 1] as number)) / 4;
    }
  }
  return { data: halved, width: across, height: down };
}
