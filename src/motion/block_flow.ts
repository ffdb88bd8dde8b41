import type { Region } from "../crop_picture.ts";
import type { Picture } from "../frame.ts";
import { KernelMemory } from "./kernel_memory.ts";
import { halve, medians, refine, refineHalf, searchCoarse, widen } from "./kernels.wasm";
import { halvePicture, type Plane } from "./plane.ts";

/** Side of a cell, in pixels. */
export const CELL = 16;
/** How far around a region what a picture shows can decide how it is moved, in pixels: searched, compared, smoothed, and mixed between cells. */
export const FLOW_REACH = 160;
/** How far the coarse search goes in each direction, in samples of 1/8 size. As in `kernels.wasm`. */
const SEARCH = 6;
/** How far the fine search goes, in samples of 1/4 size. */
const FINE_SEARCH = 2 * SEARCH + 2;
/** How far beyond a cell it is compared, in samples of either size. */
const AROUND = 2;
/** The same in samples of 1/2 size. */
const AROUND_HALF = 4;
/** How far a vector may lead in samples of 1/2 size. As in `kernels.wasm`. */
const HALF_REACH = 32;
/** Samples of 1/2 size searched around each vector, once and again. */
const HALF_STEPS = [2, 1] as const;
/** Bytes of the costs of all places that the largest of these searches compares. */
const COSTS = 4 * (2 * HALF_STEPS[0] + 1) ** 2;

/** Where the parts of one picture lie in another. */
export interface BlockFlow {
  /** Cells from left to right: `ceil(width / 16)`. */
  readonly columns: number;
  /** Cells from top to bottom: `ceil(height / 16)`. */
  readonly rows: number;
  /** Two numbers a cell, row by row: how far to the right and how far down its content lies in the other picture, in pixels. */
  readonly vectors: Float32Array<ArrayBuffer>;
}

/** What {@linkcode blockFlow} compares of a picture, kept so that a frame is reduced only once. */
export interface Pyramid {
  /** Pixels of the picture. */
  readonly width: number;
  /** Pixels of the picture. */
  readonly height: number;
  /** The picture at 1/2 size. */
  readonly half: Plane;
}

/** Prepares a picture of 8 or 16 bits for {@linkcode blockFlow}. */
export function flowPyramid(picture: Picture): Pyramid {
  const { width, height } = picture;
  return { width, height, half: halvePicture(picture) };
}

/**
 * Block matching: for each cell of 16 × 16 pixels of `from`, where it lies in `to`. Searched over ±48 pixels on means of 8 × 8,
 * refined on means of 4 × 4 and twice on means of 2 × 2, each time below a sample by a parabola, and smoothed by a median over 3 × 3
 * cells. Pictures of fewer than 8 pixels a side have no flow that could be measured: zero.
 */
export function blockFlow(from: Pyramid, to: Pyramid): BlockFlow {
  const { width, height } = from;
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  if (width < 8 || height < 8 || width !== to.width || height !== to.height) {
    return { columns, rows, vectors: new Float32Array(2 * columns * rows) };
  }
  const memory = new KernelMemory();
  const put = ({ data, width, height }: Plane): Samples => ({ address: memory.copy(data), width, height });
  const [fromHalf, toHalf] = [put(from.half), put(to.half)];
  const [fromQuarter, toQuarter] = [halved(memory, fromHalf), halved(memory, toHalf)];
  const [fromEighth, toEighth] = [halved(memory, fromQuarter), halved(memory, toQuarter)];

  // Rows of whole vectors: what is computed beyond the last column is not looked at.
  const coarseWidth = Math.ceil((2 * columns + 2 * AROUND) / 8) * 8;
  const coarseHeight = 2 * rows + 2 * AROUND;
  const a8 = widened(memory, fromEighth, AROUND, coarseWidth, coarseHeight);
  const b8 = widened(memory, toEighth, AROUND + SEARCH, coarseWidth + 2 * SEARCH, coarseHeight + 2 * SEARCH);
  const pairs = memory.room(coarseWidth * coarseHeight);
  const [best, found] = [memory.room(2 * coarseWidth * rows), memory.room(2 * coarseWidth * rows)];
  searchCoarse(a8, b8, coarseWidth, rows, pairs, best, found);

  const [fineWidth, fineHeight] = [4 * columns + 2 * AROUND, 4 * rows + 2 * AROUND];
  const a4 = widened(memory, fromQuarter, AROUND, fineWidth, fineHeight);
  const margin = AROUND + FINE_SEARCH;
  const b4 = widened(memory, toQuarter, margin, fineWidth + 2 * FINE_SEARCH, fineHeight + 2 * FINE_SEARCH);
  const bytes = 8 * columns * rows;
  const [rough, smooth, costs] = [memory.room(bytes), memory.room(bytes), memory.room(COSTS)];
  refine(a4, b4, columns, rows, found, coarseWidth / 2, costs, rough);
  medians(rough, columns, rows, smooth);

  const [halfWidth, halfHeight] = [8 * columns + 2 * AROUND_HALF, 8 * rows + 2 * AROUND_HALF];
  const a2 = widened(memory, fromHalf, AROUND_HALF, halfWidth, halfHeight);
  const [b2Width, b2Height] = [halfWidth + 2 * HALF_REACH, halfHeight + 2 * HALF_REACH];
  const b2 = widened(memory, toHalf, AROUND_HALF + HALF_REACH, b2Width, b2Height);
  for (const steps of HALF_STEPS) {
    refineHalf(a2, b2, columns, rows, smooth, steps, costs, rough);
    medians(rough, columns, rows, smooth);
  }
  return { columns, rows, vectors: new Float32Array(memory.read(smooth, bytes)) };
}

/** Some cells of a flow, of a region in cells; beyond the flow's edges they are mirrored, edges repeated. */
export function cropFlow(flow: BlockFlow, { x, y, width, height }: Region): BlockFlow {
  const vectors = new Float32Array(2 * width * height);
  for (let row = 0, i = 0; row < height; row++) {
    const line = mirrored(y + row, flow.rows) * flow.columns;
    for (let column = 0; column < width; column++) {
      const from = 2 * (line + mirrored(x + column, flow.columns));
      vectors[i++] = flow.vectors[from] as number;
      vectors[i++] = flow.vectors[from + 1] as number;
    }
  }
  return { columns: width, rows: height, vectors };
}

function mirrored(cell: number, cells: number): number {
  const place = cell % (2 * cells);
  return place < cells ? place : 2 * cells - 1 - place;
}

/** A plane in the kernels' memory, 16 bits a sample. */
interface Samples {
  readonly address: number;
  readonly width: number;
  readonly height: number;
}

function halved(memory: KernelMemory, { address, width, height }: Samples): Samples {
  const [columns, rows] = [width >> 1, height >> 1];
  const out = memory.room(2 * columns * rows);
  halve(address, width, columns, rows, out);
  return { address: out, width: columns, height: rows };
}

/** The plane within a larger one, edges repeated. */
function widened(
  memory: KernelMemory,
  plane: Samples,
  margin: number,
  width: number,
  height: number,
): number {
  const out = memory.room(2 * width * height);
  widen(plane.address, plane.width, plane.height, margin, out, width, height);
  return out;
}
