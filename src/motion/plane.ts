import type { Picture } from "../frame.ts";
import { KernelMemory } from "./kernel_memory.ts";
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
  return reduce(picture, BLOCK, picture.data instanceof Uint16Array ? reduce16 : reduce8);
}

/** The same over 2 × 2 pixels; a grey level of 8 bits is 12 in it. */
export function halvePicture(picture: Picture): Plane {
  return reduce(picture, BLOCK / 2, picture.data instanceof Uint16Array ? reduceHalf16 : reduceHalf8);
}

function reduce({ data, width, height }: Picture, block: number, kernel: typeof reduce8): Plane {
  const memory = new KernelMemory();
  const [across, down] = [Math.floor(width / block), Math.floor(height / block)];
  const bytes = 2 * across * down;
  const [pixels, sums] = [memory.copy(data), memory.room(bytes)];
  kernel(pixels, 3 * data.BYTES_PER_ELEMENT * width, across, down, sums);
  return { data: new Uint16Array(memory.read(sums, bytes)), width: across, height: down };
}
