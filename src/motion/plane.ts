import type { Picture } from "../frame.ts";

/** Side of the blocks that {@linkcode reducePicture} averages, in pixels. */
export const BLOCK = 4;

/** One number a sample, row by row. */
export interface Plane {
  readonly data: Float32Array<ArrayBuffer>;
  /** Samples. */
  readonly width: number;
  /** Samples. */
  readonly height: number;
}

/**
 * The grey of a picture, the mean of its three colours, as means of 4 × 4 pixels: less noise, and less to compare. In grey
 * levels of 8 bits; pixels left over at the right and at the bottom are not looked at.
 *
 * @param into Memory to use again, if it has the right length.
 */
export function reducePicture({ data, width, height }: Picture, into?: Plane["data"]): Plane {
  const [across, down] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)];
  const scale = 1 / (3 * BLOCK * BLOCK * (data instanceof Uint16Array ? 257 : 1));
  const means = into?.length === across * down ? into.fill(0) : new Float32Array(across * down);
  for (let y = 0; y < down * BLOCK; y++) {
    let at = 3 * y * width;
    for (let block = Math.floor(y / BLOCK) * across, end = block + across; block < end; block++) {
      let sum = 0;
      for (const next = at + 3 * BLOCK; at < next; at++) sum += data[at] as number;
      means[block] = (means[block] as number) + scale * sum;
    }
  }
  return { data: means, width: across, height: down };
}

/** A plane within a larger one of `width` × `height` samples, its upper left corner at (`margin`, `margin`), edges repeated. */
export function widenPlane(plane: Plane, margin: number, width: number, height: number): Float32Array {
  const wide = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.max(0, Math.min(plane.height - 1, y - margin)) * plane.width;
    for (let x = 0; x < width; x++, i++) {
      wide[i] = plane.data[row + Math.max(0, Math.min(plane.width - 1, x - margin))] as number;
    }
  }
  return wide;
}
