import type { Picture } from "../frame.ts";
import { KernelMemory } from "./kernel_memory.ts";
import { reduce16, reduce8 } from "./kernels.wasm";

/** Side of the blocks that {@linkcode reducePicture} sums, in pixels. */
export const BLOCK = 4;
/** A grey level of 8 bits in a {@linkcode Plane}: so many samples are summed. */
export const GREY = 3 * BLOCK * BLOCK;

/** One number a block, row by row. */
export interface Plane {
  /** In 1/{@linkcode GREY} grey levels of 8 bits. */
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
export function reducePicture({ data, width, height }: Picture): Plane {
  const memory = new KernelMemory();
  const [across, down] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)];
  const bytes = 2 * across * down;
  const [pixels, sums] = [memory.copy(data), memory.room(bytes)];
  const reduce = data instanceof Uint16Array ? reduce16 : reduce8;
  reduce(pixels, 3 * data.BYTES_PER_ELEMENT * width, across, down, sums);
  return { data: new Uint16Array(memory.read(sums, bytes)), width: across, height: down };
}
