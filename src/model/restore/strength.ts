import type { Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";

/** How much of the network's change the parts of a picture get: cells of equal size, linear between their middles. */
export interface StrengthGrid {
  /** Cells from left to right. */
  readonly columns: number;
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Row by row: 0 leaves what was there, 1 is the network. */
  readonly values: Float32Array;
}

/** The network alone. */
export const FULL_STRENGTH: StrengthGrid = { columns: 1, rows: 1, values: Float32Array.of(1) };

/** Mean over all cells. */
export function meanStrength({ values }: StrengthGrid): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The part of a picture that gets any strength at all; `undefined` where none does. */
export function touchedRegion(
  grid: StrengthGrid,
  picture: Pick<Picture, "width" | "height">,
): Region | undefined {
  const { columns, rows, values } = grid;
  let [left, top, right, bottom] = [columns, rows, -1, -1];
  values.forEach((value, cell) => {
    if (value === 0) return;
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
  });
  if (right < 0) return undefined;
  // Strength fades towards the middles of the cells around.
  const begin = (cell: number, pixels: number) => Math.max(0, Math.floor((cell - 0.5) * pixels));
  const end = (cell: number, pixels: number, most: number) =>
    Math.min(most, Math.ceil((cell + 1.5) * pixels));
  const [cellWidth, cellHeight] = [picture.width / columns, picture.height / rows];
  const [x, y] = [begin(left, cellWidth), begin(top, cellHeight)];
  const [xEnd, yEnd] = [end(right, cellWidth, picture.width), end(bottom, cellHeight, picture.height)];
  return { x, y, width: xEnd - x, height: yEnd - y };
}

/**
 * Checks a grid that comes from outside.
 *
 * @throws {RangeError} saying what is valid.
 */
export function checkStrength(grid: StrengthGrid): StrengthGrid {
  const { columns, rows, values } = grid;
  const isCount = (n: number) => Number.isInteger(n) && n >= 1;
  if (!isCount(columns) || !isCount(rows) || values.length !== columns * rows) {
    throw new RangeError(
      `Cannot restore with a strength of ${columns}x${rows} cells and ${values.length} values: it must have one value a cell`,
    );
  }
  const wrong = values.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new RangeError(`Cannot restore with strength ${wrong}: it must be from 0 to 1`);
  }
  return grid;
}

/**
 * Takes `restored` back towards `original` where the strength is below 1. Changes `restored`.
 *
 * @param grid Of all of `original`.
 * @param region The part of `original` that was restored.
 */
export function applyStrength(
  restored: Picture,
  original: Picture,
  grid: StrengthGrid,
  region: Region = { x: 0, y: 0, width: original.width, height: original.height },
): void {
  const { columns, rows, values } = grid;
  if (values.every((value) => value === 1)) return;
  const { data, width, height } = restored;
  const line = new Float32Array(columns);
  const across = Array.from({ length: width }, (_, x) => between(region.x + x, original.width, columns));
  for (let y = 0; y < height; y++) {
    const { first, second, part } = between(region.y + y, original.height, rows);
    const shift = 3 * ((region.y + y) * original.width + region.x - y * width);
    for (let i = 0; i < columns; i++) {
      line[i] = mix(values[first * columns + i] ?? 1, values[second * columns + i] ?? 1, part);
    }
    if (line.every((value) => value === 1)) continue;
    for (let x = 0, i = y * width * 3; x < width; x++) {
      const { first, second, part } = across[x] as Place;
      const strength = mix(line[first] as number, line[second] as number, part);
      for (const end = i + 3; i < end; i++) {
        data[i] = mix(original.data[i + shift] as number, data[i] as number, strength) + 0.5;
      }
    }
  }
}

interface Place {
  readonly first: number;
  readonly second: number;
  readonly part: number;
}

/** Between which cells' middles a pixel lies, and how far towards the second. */
function between(pixel: number, pixels: number, cells: number): Place {
  const at = Math.min(cells - 1, Math.max(0, (pixel + 0.5) * cells / pixels - 0.5));
  const first = Math.floor(at);
  return { first, second: Math.min(cells - 1, first + 1), part: at - first };
}

function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}
