import type { Picture } from "../frame.ts";
import { type BlockFlow, CELL } from "./block_flow.ts";

/**
 * `picture` moved along `flow`: each pixel is what lies in `picture` where the flow says, bilinear in between, edges repeated. The
 * flow of a pixel is bilinear between the middles of the cells.
 *
 * @param flow From the picture that this one is moved onto, of the same size, to this one.
 * @returns A picture of its own, of the same depth.
 */
export function moveOnto({ data, width, height }: Picture, { columns, rows, vectors }: BlockFlow): Picture {
  const moved = data instanceof Uint16Array ? new Uint16Array(data.length) : new Uint8Array(data.length);
  const line = new Float32Array(2 * columns);
  const across = betweenCells(width, columns);
  for (let y = 0, out = 0; y < height; y++) {
    const v = Math.max(0, Math.min(rows - 1, (y + 0.5) / CELL - 0.5));
    const above = Math.floor(v);
    const [top, bottom] = [2 * columns * above, 2 * columns * Math.min(rows - 1, above + 1)];
    const part = v - above;
    for (let i = 0; i < line.length; i++) {
      line[i] = (vectors[top + i] as number) * (1 - part) + (vectors[bottom + i] as number) * part;
    }
    for (let x = 0; x < width; x++, out += 3) {
      const left = across.cells[x] as number;
      const right = across.parts[x] as number;
      const next = left + 2 < line.length ? left + 2 : left;
      const dx = (line[left] as number) * (1 - right) + (line[next] as number) * right;
      const dy = (line[left + 1] as number) * (1 - right) + (line[next + 1] as number) * right;
      let sx = x + dx;
      let sy = y + dy;
      sx = sx > 0 ? sx < width - 1 ? sx : width - 1 : 0;
      sy = sy > 0 ? sy < height - 1 ? sy : height - 1 : 0;
      const ix = sx | 0;
      const iy = sy | 0;
      const fx = sx - ix;
      const fy = sy - iy;
      const p = 3 * (iy * width + ix);
      const p2 = ix < width - 1 ? p + 3 : p;
      const below = iy < height - 1 ? 3 * width : 0;
      const q = p + below;
      const q2 = p2 + below;
      const w11 = fx * fy;
      const w01 = fx - w11;
      const w10 = fy - w11;
      const w00 = 1 - fx - w10;
      moved[out] = w00 * (data[p] as number) + w01 * (data[p2] as number) + w10 * (data[q] as number) +
        w11 * (data[q2] as number) + 0.5;
      moved[out + 1] = w00 * (data[p + 1] as number) + w01 * (data[p2 + 1] as number) +
        w10 * (data[q + 1] as number) + w11 * (data[q2 + 1] as number) + 0.5;
      moved[out + 2] = w00 * (data[p + 2] as number) + w01 * (data[p2 + 2] as number) +
        w10 * (data[q + 2] as number) + w11 * (data[q2 + 2] as number) + 0.5;
    }
  }
  return { data: moved, width, height };
}

/** Of each pixel of a row, where the numbers of the cell to its left begin, and how far it is towards the next cell. */
function betweenCells(width: number, columns: number): { cells: Int32Array; parts: Float32Array } {
  const cells = new Int32Array(width);
  const parts = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const u = Math.max(0, Math.min(columns - 1, (x + 0.5) / CELL - 0.5));
    cells[x] = 2 * Math.floor(u);
    parts[x] = u - Math.floor(u);
  }
  return { cells, parts };
}
