import { BLOCK, GREY, type Plane } from "./plane.ts";

/** Side of a cell, blocks. */
const CELL = 8;
/** What a smaller gradient is taken for, so that noise on an even wall does not look like speed: a grey level a block. */
const LEAST_GRADIENT = GREY;

/** How far the parts of a scene moved from one picture to the next. */
export interface MotionGrid {
  /** Cells from left to right. */
  readonly columns: number;
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Pixels, row by row. Accurate for small movements; for large ones only a large number; Infinity where it cannot be measured. */
  readonly values: Float32Array;
}

/**
 * The length of movement that explains the change between two pictures of one size: change over gradient, each the root
 * of its mean square over a cell (normal flow; Horn and Schunck, 1981).
 */
export function measureMotion(before: Plane, after: Plane): MotionGrid {
  const { width, height } = before;
  const [columns, rows] = [cellsOf(width), cellsOf(height)];
  const changes = new Float64Array(columns * rows);
  const gradients = new Float64Array(columns * rows);
  const [a, b] = [before.data, after.data];
  for (let y = 0; y < height; y++) {
    const [above, below] = [y > 0 ? -width : 0, y < height - 1 ? width : 0];
    const row = Math.floor(y * rows / height) * columns;
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const [left, right] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
      const change = (b[i] as number) - (a[i] as number);
      const across = (a[i + right] as number) - (a[i + left] as number) + (b[i + right] as number) -
        (b[i + left] as number);
      const down = (a[i + below] as number) - (a[i + above] as number) + (b[i + below] as number) -
        (b[i + above] as number);
      const cell = row + Math.floor(x * columns / width);
      changes[cell] = (changes[cell] as number) + change * change;
      gradients[cell] = (gradients[cell] as number) + (across * across + down * down) / 16 +
        LEAST_GRADIENT ** 2;
    }
  }
  const values = Float32Array.from(changes, (change, cell) => {
    const gradient = (gradients[cell] as number) / 2; // of the direction of movement: one of two
    return gradient > 0 ? BLOCK * Math.sqrt(change / gradient) : Infinity;
  });
  return { columns, rows, values };
}

function cellsOf(blocks: number): number {
  return Math.max(1, Math.round(blocks / CELL));
}
