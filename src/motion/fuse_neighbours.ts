import { freePicture, type Picture } from "../frame.ts";
import { blockFlow, flowPyramid } from "./block_flow.ts";
import { KernelMemory } from "./kernel_memory.ts";
import { differ16, differ8, mix16, mix8 } from "./kernels.wasm";
import { moveOnto } from "./move_onto.ts";

/** Side of the blocks that are compared, in pixels. As in `kernels.wasm`. */
const BLOCK = 8;
/** Weight of a neighbour that fits perfectly, beside 1 for the picture itself. */
const WEIGHT = 0.7;
/** A neighbour that differs by this many times what restoring changed has 0.6 times that weight. */
const TOLERANCE = 1.5;
/** Less than this has not been changed by restoring, in grey levels of 8 bits. */
const LEAST_CHANGE = 0.25;

/** One number for each block of 8 × 8 pixels, row by row. */
export interface Blocks {
  /** `ceil(width / 8)` */
  readonly columns: number;
  /** `ceil(height / 8)` */
  readonly rows: number;
  readonly values: Float32Array;
}

/** Mean absolute difference of two pictures of one size and depth in each block, in grey levels of 8 bits. */
export function blockDifference(one: Picture, other: Picture): Blocks {
  const { data, width, height } = one;
  const [columns, rows] = [Math.ceil(width / BLOCK), Math.ceil(height / BLOCK)];
  const memory = new KernelMemory();
  const [a, b, sums] = [memory.copy(data), memory.copy(other.data), memory.room(4 * columns * rows)];
  const isDeep = data instanceof Uint16Array;
  (isDeep ? differ16 : differ8)(a, b, width, height, sums);
  const values = new Float32Array(memory.read(sums, 4 * columns * rows));
  const level = isDeep ? 257 : 1;
  for (let row = 0, i = 0; row < rows; row++) {
    const lines = Math.min(BLOCK, height - row * BLOCK);
    for (let column = 0; column < columns; column++, i++) {
      values[i] = (values[i] as number) / (3 * level * lines * Math.min(BLOCK, width - column * BLOCK));
    }
  }
  return { columns, rows, values };
}

/**
 * Motion-compensated temporal filter: the mean of a restored picture and its restored neighbours, each moved onto it. What restoring
 * gets wrong differs from frame to frame, and averages out. A block of a neighbour counts the less, the more it differs in relation to what restoring changed there
 * (a Gaussian); where restoring changed nothing, nothing changes.
 *
 * @param picture The restored picture; not changed.
 * @param change How much restoring changed, by {@linkcode blockDifference} from the blurry picture.
 * @param neighbours Up to two restored pictures of the same size and depth.
 * @returns A picture of its own.
 */
export function fuseNeighbours(picture: Picture, change: Blocks, neighbours: readonly Picture[]): Picture {
  const { data, width, height } = picture;
  const around = widened(change);
  if (neighbours.length === 0 || !around.some((allowed) => allowed > 0)) {
    return { data: data.slice(), width, height };
  }
  const pyramid = flowPyramid(picture);
  const aligned = neighbours.map((neighbour) => {
    const moved = moveOnto(neighbour, blockFlow(pyramid, flowPyramid(neighbour)));
    return { moved, difference: blockDifference(picture, moved).values };
  });
  const weights = new Float32Array(2 * around.length);
  aligned.forEach(({ difference }, side) => {
    around.forEach((allowed, i) => {
      if (allowed > 0) {
        weights[2 * i + side] = WEIGHT * Math.exp(-(((difference[i] as number) / allowed) ** 2) / 2);
      }
    });
  });
  const memory = new KernelMemory();
  const [here, previous, next = previous] = [data, ...aligned.map(({ moved }) => moved.data)]
    .map((samples) => memory.copy(samples));
  if (here === undefined || previous === undefined || next === undefined) {
    throw new RangeError("No neighbours");
  }
  const out = memory.room(data.byteLength);
  const isDeep = data instanceof Uint16Array;
  (isDeep ? mix16 : mix8)(
    ...[here, previous, next, memory.copy(weights), memory.room(8 * change.columns)] as const,
    ...[width, height, out] as const,
  );
  for (const { moved } of aligned) freePicture(moved);
  const mixed = memory.read(out, data.byteLength);
  return { data: isDeep ? new Uint16Array(mixed) : new Uint8Array(mixed), width, height };
}

/** By how much a neighbour may differ: the mean of each block and its eight neighbours; 0 where any of them has not been changed. */
function widened({ columns, rows, values }: Blocks): Float32Array {
  const at = (column: number, row: number) => {
    const [x, y] = [Math.min(columns - 1, Math.max(0, column)), Math.min(rows - 1, Math.max(0, row))];
    return values[y * columns + x] as number;
  };
  return values.map((_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    let sum = 0;
    for (let row = y - 1; row <= y + 1; row++) {
      for (let column = x - 1; column <= x + 1; column++) {
        const change = at(column, row);
        if (change < LEAST_CHANGE) return 0;
        sum += change;
      }
    }
    return TOLERANCE * sum / 9;
  });
}
