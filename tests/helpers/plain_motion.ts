import type { Picture } from "../../src/frame.ts";

/** What `src/motion/` computes in WebAssembly, said as plainly as it can be: cell by cell, pixel by pixel, without shared sums. */

const SEARCH = 6;
const STEP_COST = 691;

interface Plane {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): number;
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));

function plane(width: number, height: number, value: (x: number, y: number) => number): Plane {
  const values = Array.from(
    { length: width * height },
    (_, i) => value(i % width, Math.floor(i / width)),
  );
  return {
    width,
    height,
    at: (x, y) => values[clamp(y, height - 1) * width + clamp(x, width - 1)] ?? NaN,
  };
}

/** Sums of 2 × 2 pixels over three colours, in grey levels of 8 bits. */
function halfOf({ data, width, height }: Picture): Plane {
  return plane(width >> 1, height >> 1, (x, y) => {
    let sum = 0;
    for (let row = 2 * y; row < 2 * y + 2; row++) {
      for (let i = 3 * (row * width + 2 * x), end = i + 6; i < end; i++) sum += data[i] ?? NaN;
    }
    return data instanceof Uint16Array ? Math.floor((sum + 128) / 257) : sum;
  });
}

function half(of: Plane): Plane {
  return plane(of.width >> 1, of.height >> 1, (x, y) => {
    const [left, top] = [2 * x, 2 * y];
    return of.at(left, top) + of.at(left + 1, top) + of.at(left, top + 1) + of.at(left + 1, top + 1);
  });
}

/** Sum of absolute differences of a window of side `2 radius` around (x, y) of a and (x + dx, y + dy) of b. */
function cost(a: Plane, b: Plane, x: number, y: number, dx: number, dy: number, radius: number): number {
  let sum = 0;
  for (let j = -radius; j < radius; j++) {
    for (let i = -radius; i < radius; i++) sum += Math.abs(a.at(x + i, y + j) - b.at(x + i + dx, y + j + dy));
  }
  return sum;
}

function vertex(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  return here > 0 && bend > 0 ? Math.max(-0.5, Math.min(0.5, 0.5 * (before - after) / bend)) : 0;
}

/** The vectors of `blockFlow`, two numbers a cell. */
export function plainFlow(from: Picture, to: Picture): number[] {
  const [a2, b2] = [halfOf(from), halfOf(to)];
  const [a4, b4] = [half(a2), half(b2)];
  const [a8, b8] = [half(a4), half(b4)];
  const [columns, rows] = [Math.ceil(from.width / 16), Math.ceil(from.height / 16)];
  const rough: number[][] = [];
  for (let cell = 0; cell < columns * rows; cell++) {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    let [least, x, y] = [Infinity, 0, 0];
    for (let dy = -SEARCH; dy <= SEARCH; dy++) {
      for (let dx = -SEARCH; dx <= SEARCH; dx++) {
        const steps = STEP_COST * (Math.abs(dx) + Math.abs(dy));
        const here = cost(a8, b8, 2 * column + 1, 2 * row + 1, dx, dy, 3) + steps;
        if (here < least) [least, x, y] = [here, dx, dy];
      }
    }
    const fine = (dx: number, dy: number) => cost(a4, b4, 4 * column + 2, 4 * row + 2, dx, dy, 4);
    let [best, bestX, bestY] = [fine(2 * x, 2 * y), 2 * x, 2 * y];
    for (let dy = 2 * y - 1; dy <= 2 * y + 1; dy++) {
      for (let dx = 2 * x - 1; dx <= 2 * x + 1; dx++) {
        if (fine(dx, dy) < best) [best, bestX, bestY] = [fine(dx, dy), dx, dy];
      }
    }
    rough.push([
      4 * (bestX + vertex(fine(bestX - 1, bestY), best, fine(bestX + 1, bestY))),
      4 * (bestY + vertex(fine(bestX, bestY - 1), best, fine(bestX, bestY + 1))),
    ]);
  }
  let vectors = smoothed(rough, columns, rows);
  for (const steps of [2, 1]) {
    const finer = vectors.map(([vx = NaN, vy = NaN], cell) => {
      const [column, row] = [cell % columns, Math.floor(cell / columns)];
      const wide = (dx: number, dy: number) => cost(a2, b2, 8 * column + 4, 8 * row + 4, dx, dy, 8);
      const [x, y] = [Math.floor(vx / 2 + 0.5), Math.floor(vy / 2 + 0.5)];
      let [best, bestX, bestY] = [wide(x, y), x, y];
      for (let dy = y - steps; dy <= y + steps; dy++) {
        for (let dx = x - steps; dx <= x + steps; dx++) {
          const here = wide(dx, dy);
          if (here < best) [best, bestX, bestY] = [here, dx, dy];
        }
      }
      return [
        2 * (bestX + vertex(wide(bestX - 1, bestY), best, wide(bestX + 1, bestY))),
        2 * (bestY + vertex(wide(bestX, bestY - 1), best, wide(bestX, bestY + 1))),
      ];
    });
    vectors = smoothed(finer, columns, rows);
  }
  return vectors.flat();
}

/** The median of each vector and its eight neighbours, each component on its own. */
function smoothed(rough: readonly number[][], columns: number, rows: number): number[][] {
  return rough.map((vector, cell) =>
    vector.map((_, component) => {
      const around: number[] = [];
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const row = clamp(Math.floor(cell / columns) + dy, rows - 1);
          around.push(rough[row * columns + clamp(cell % columns + dx, columns - 1)]?.[component] ?? NaN);
        }
      }
      return around.sort((a, b) => a - b)[4] ?? NaN;
    })
  );
}

/** `moveOnto` in floating point. */
export function plainMove({ data, width, height }: Picture, vectors: ArrayLike<number>): number[] {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  const flow = (x: number, y: number, component: number) => {
    const [u, v] = [clamp((x + 0.5) / 16 - 0.5, columns - 1), clamp((y + 0.5) / 16 - 0.5, rows - 1)];
    return bilinear(u, v, (column, row) => vectors[2 * (row * columns + column) + component] ?? 0);
  };
  return Array.from({ length: data.length }, (_, i) => {
    const [colour, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const [u, v] = [clamp(x + flow(x, y, 0), width - 1), clamp(y + flow(x, y, 1), height - 1)];
    return bilinear(u, v, (column, row) => data[3 * (row * width + column) + colour] ?? 0);
  });
}

function bilinear(u: number, v: number, at: (x: number, y: number) => number): number {
  const [x, y] = [Math.floor(u), Math.floor(v)];
  const [p, q] = [u - x, v - y];
  const upper = at(x, y) * (1 - p) + (p > 0 ? at(x + 1, y) * p : 0);
  if (q === 0) return upper;
  return upper * (1 - q) + (at(x, y + 1) * (1 - p) + (p > 0 ? at(x + 1, y + 1) * p : 0)) * q;
}
