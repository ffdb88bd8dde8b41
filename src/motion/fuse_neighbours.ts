import { copyPicture, type Picture } from "../frame.ts";
import { blockFlow, flowPyramid, type Pyramid } from "./block_flow.ts";
import { KernelMemory, type PlacedPicture } from "./kernel_memory.ts";
import { differ16, differ8, mix16, mix8 } from "./kernels.wasm";
import { mismatch, OTHER_SCENE } from "./mismatch.ts";
import { movePlaced } from "./move_onto.ts";
import { reducePlaced } from "./plane.ts";

/** Side of the blocks that are compared, in pixels. As in `kernels.wasm`. */
const BLOCK = 8;
/**
 * Gain of what the network changes in frames that are to be fused, beside its own 1: each of them falls short of the sharp picture, and their
 * mean, of pictures that do not fit exactly, still more.
 */
const GAIN = 1.2;
/** Weight of a neighbour that fits perfectly and was restored as strongly, beside 1 for the picture itself. */
const WEIGHT = 0.9;
/** The weight of one that was blurred less is up to this many times as large, that of one that was blurred more as small. */
const MOST_PREFERENCE = 2;
/** A neighbour that differs by this many times what restoring changed has 0.6 times its weight. */
const TOLERANCE = 1.5;
/** Less than this has not been changed by restoring, in grey levels of 8 bits. */
const LEAST_CHANGE = 0.25;
/** How far around a block the change says how blurred it was, in blocks. */
const BLUR_REACH = 3;

/** The detail with which the network restores a frame that is fused with those beside it. @param detail What was asked for. */
export function detailToFuse(
  { previous, next }: { readonly previous?: unknown; readonly next?: unknown },
  detail: number,
): number {
  return previous === undefined && next === undefined ? detail : GAIN * detail;
}

/** A restored picture, with what fusing asks of it whether it is in the middle or a neighbour. */
export interface ChangedPicture {
  readonly picture: Picture;
  /** How much restoring changed, by {@linkcode blockDifference} from the blurry picture. */
  readonly change: Blocks;
  /** How blurred each block was: the change around it. */
  readonly blur: Float32Array;
  readonly pyramid: Pyramid;
}

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
  const memory = new KernelMemory();
  return differencePlaced(memory, memory.place(one), memory.place(other));
}

function differencePlaced(memory: KernelMemory, one: PlacedPicture, other: PlacedPicture): Blocks {
  const { width, height, isDeep } = one;
  const [columns, rows] = [Math.ceil(width / BLOCK), Math.ceil(height / BLOCK)];
  const sums = memory.room(4 * columns * rows);
  (isDeep ? differ16 : differ8)(one.address, other.address, width, height, sums);
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

/** Prepares a restored picture for {@linkcode fuseNeighbours}. It is not copied. */
export function changedPicture(picture: Picture, change: Blocks): ChangedPicture {
  return { picture, change, blur: boxMean(change, BLUR_REACH), pyramid: flowPyramid(picture) };
}

/**
 * Motion-compensated temporal filter: the weighted mean of a restored picture and its restored neighbours, each moved onto it. What
 * restoring gets wrong differs from frame to frame, and averages out. Each block of a neighbour has its own weight: the less, the more it differs
 * in relation to what restoring changed there (a Gaussian), and the more, the less it was blurred itself, as far as its change tells. Where restoring changed nothing,
 * nothing changes.
 *
 * @param restored It is not changed.
 * @param neighbours Up to two of the same size and depth.
 * @returns A picture of its own.
 */
export function fuseNeighbours(
  { picture, change, blur, pyramid }: ChangedPicture,
  neighbours: readonly ChangedPicture[],
): Picture {
  const allowed = allowedDifference(change);
  if (neighbours.length === 0 || allowed.every((difference) => difference === 0)) return copyPicture(picture);
  const matched = neighbours.map((neighbour) => ({
    ...neighbour,
    flow: blockFlow(pyramid, neighbour.pyramid),
  }));
  const memory = new KernelMemory();
  const here = memory.place(picture);
  const reduced = reducePlaced(memory, here);
  const weights = new Float32Array(2 * allowed.length);
  const aligned = matched.map((neighbour, side) => {
    const moved = movePlaced(memory, memory.place(neighbour.picture), neighbour.flow);
    if (mismatch(reduced, reducePlaced(memory, moved)) >= OTHER_SCENE) return moved;
    const { values: difference } = differencePlaced(memory, here, moved);
    allowed.forEach((most, i) => {
      if (most === 0) return;
      const preference = Math.sqrt(((blur[i] as number) + 0.5) / ((neighbour.blur[i] as number) + 0.5));
      weights[2 * i + side] = WEIGHT * Math.max(1 / MOST_PREFERENCE, Math.min(MOST_PREFERENCE, preference)) *
        Math.exp(-(((difference[i] as number) / most) ** 2) / 2);
    });
    return moved;
  });
  const [previous = here, next = here] = aligned; // of weight 0 where there is none
  const mixed = memory.roomLike(here);
  (here.isDeep ? mix16 : mix8)(
    ...[here.address, previous.address, next.address] as const,
    ...[memory.copy(weights), memory.room(8 * change.columns)] as const,
    ...[here.width, here.height, mixed.address] as const,
  );
  return memory.take(mixed);
}

/** By how much a neighbour may differ in each block: what was changed there and in the blocks around; 0 where any of them has not been changed. */
function allowedDifference(change: Blocks): Float32Array {
  const { columns, rows, values } = change;
  return boxMean(change, 1).map((mean, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++) {
        if ((values[row * columns + column] as number) < LEAST_CHANGE) return 0;
      }
    }
    return TOLERANCE * mean;
  });
}

/** Means over the blocks up to `reach` away in each direction, those at the edges repeated. */
function boxMean({ columns, rows, values }: Blocks, reach: number): Float32Array {
  const along = (line: Float32Array, length: number, step: number, pitch: number, lines: number) => {
    const means = new Float32Array(line.length);
    for (let k = 0; k < lines; k++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let j = i - reach; j <= i + reach; j++) {
          sum += line[k * pitch + Math.max(0, Math.min(length - 1, j)) * step] as number;
        }
        means[k * pitch + i * step] = sum / (2 * reach + 1);
      }
    }
    return means;
  };
  return along(along(values, columns, 1, columns, rows), rows, columns, 1, columns);
}
