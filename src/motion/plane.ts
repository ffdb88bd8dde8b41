import type { Picture } from "../frame.ts";
import { KernelMemory, type PlacedPicture } from "./kernel_memory.ts";
import { reduce16, reduce8, reduceHalf16, reduceHalf8 } from "./kernels.wasm";

/** Side of the blocks that {@linkcode reducePicture} sums, in pixels. */
export const BLOCK = 4;
/** A grey level of 8 bits in a {@linkcode Plane}: the number of samples that are summed. */
export const GREY = 3 * BLOCK * BLOCK;

/** One number a block, row by row. */
export interface Plane {
  /** Sums: of {@linkcode reducePicture} in 1/{@linkcode GREY} grey levels of 8 bits. */
  readonly data: Uint16Array<ArrayBuffer>;
  /** Blocks. */
  readonly width: number;
  /** Blocks. */
  readonly height: number;
}

/**
 * The grey of a picture, the mean of its three colours, over 4 × 4 pixels: less noise, and less to compare. Pixels left over at
 * the right and at the bottom are not looked at.
 */
export function reducePicture(picture: Picture): Plane {
  const memory = new KernelMemory();
  return reducePlaced(memory, memory.place(picture));
}

/** The same of a picture in the memory of the kernels. */
export function reducePlaced(memory: KernelMemory, picture: PlacedPicture): Plane {
  return reduce(memory, picture, BLOCK, picture.isDeep ? reduce16 : reduce8);
}

/** The same over 2 × 2 pixels; a grey level of 8 bits is 12 in it. */
export function halvePicture(picture: Picture): Plane {
  const memory = new KernelMemory();
  const placed = memory.place(picture);
  return reduce(memory, placed, BLOCK / 2, placed.isDeep ? reduceHalf16 : reduceHalf8);
}

function reduce(
  memory: KernelMemory,
  { address, width, height, isDeep }: PlacedPicture,
  block: number,
  kernel: typeof reduce8,
): Plane {
  const [across, down] = [Math.floor(width / block), Math.floor(height / block)];
  const bytes = 2 * across * down;
  const sums = memory.room(bytes);
  kernel(address, (isDeep ? 6 : 3) * width, across, down, sums);
  return { data: new Uint16Array(memory.read(sums, bytes)), width: across, height: down };
}
