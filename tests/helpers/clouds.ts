import type { Picture } from "../../src/frame.ts";
import { seededRandom } from "./random_weights.ts";

/** How large a picture of clouds is, and how far they have moved. */
export interface CloudsView {
  readonly width: number;
  readonly height: number;
  /** Pixels to the right; less than 80 either way. @default {0} */
  readonly x?: number;
  /** Pixels down; less than 80 either way. @default {0} */
  readonly y?: number;
}

/** Greys at random every 10 pixels and smooth between them, so that no part looks like another and each is known between pixels too. */
export function renderClouds({ width, height, x = 0, y = 0 }: CloudsView): Picture {
  const [pitch, margin] = [10, 8];
  const side = Math.ceil(Math.max(width, height) / pitch) + 2 * margin;
  const random = seededRandom(8);
  const values = Array.from({ length: side * side }, () => 255 * random());
  const at = (column: number, row: number) => values[row * side + column] ?? 0;
  const ease = (part: number) => part * part * (3 - 2 * part);
  const data = new Uint8Array(3 * width * height).map((_, i) => {
    const u = (Math.floor(i / 3) % width - x) / pitch + margin;
    const v = (Math.floor(i / 3 / width) - y) / pitch + margin;
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [p, q] = [ease(u - column), ease(v - row)];
    const upper = at(column, row) * (1 - p) + at(column + 1, row) * p;
    return upper * (1 - q) + (at(column, row + 1) * (1 - p) + at(column + 1, row + 1) * p) * q;
  });
  return { data, width, height };
}
