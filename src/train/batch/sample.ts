import { join } from "node:path";
import { FLOW_CELL } from "../../model/network/config.ts";
import type { TrainConfig } from "../config.ts";

/**
 * What a crop is cut out of: a square that is larger than the crops, ready to be used often, each time another part of it, turned and
 * coloured anew. RGB bytes of `side` × `side` pixels.
 */
export interface Sample {
  /** Pixels. */
  readonly side: number;
  /** What the camera saw while it moved. */
  readonly blurry: Uint8Array<ArrayBuffer>;
  /** What it would have seen standing still. */
  readonly sharp: Uint8Array<ArrayBuffer>;
  /** The frame before and the one after, for a network of three frames; `undefined` where there is none. Else empty. */
  readonly neighbours: readonly (SampleNeighbour | undefined)[];
}

/** A neighbouring frame, moved onto the sample. */
export interface SampleNeighbour {
  /** RGB bytes of `side` × `side` pixels. */
  readonly moved: Uint8Array<ArrayBuffer>;
  /** How far, in pixels, two numbers a cell of 16 × 16. */
  readonly flow: Float32Array<ArrayBuffer>;
}

/**
 * Side of the samples for crops of a config: half as large again, as far as the pictures are, in whole cells.
 *
 * @param smallest Shorter side of the smallest picture.
 */
export function sampleSide({ crop }: Pick<TrainConfig, "crop">, smallest: number): number {
  const room = Math.max(0, Math.min(crop / 2, smallest - crop));
  return crop + Math.floor(room / FLOW_CELL) * FLOW_CELL;
}

/** The file of a sample. */
export function samplePath(directory: string, index: number): string {
  return join(directory, `${index}.sample`);
}

/** A sample as the bytes of a file: a byte for each neighbour that tells whether it is there, then one array after the other. */
export function encodeSample({ side, blurry, sharp, neighbours }: Sample): Uint8Array {
  const arrays = [
    blurry,
    sharp,
    ...neighbours.flatMap((near) => near ? [near.moved, bytesOf(near.flow)] : []),
  ];
  const header = Uint8Array.of(...neighbours.map((near) => near ? 1 : 0));
  const size = arrays.reduce((sum, array) => sum + array.length, header.length);
  if (blurry.length !== 3 * side * side) {
    throw new RangeError(`Cannot keep ${blurry.length} bytes of a sample of ${side} pixels`);
  }
  const bytes = new Uint8Array(size);
  bytes.set(header);
  let at = header.length;
  for (const array of arrays) {
    bytes.set(array, at);
    at += array.length;
  }
  return bytes;
}

/**
 * A sample from the bytes of its file.
 *
 * @param neighbours Of the network: none or two.
 * @returns `undefined` if these are not the bytes of one, as of a file that was cut off.
 */
export function decodeSample(
  bytes: Uint8Array<ArrayBuffer>,
  side: number,
  neighbours: number,
): Sample | undefined {
  const [pixels, cells] = [3 * side * side, 2 * (side / FLOW_CELL) ** 2];
  const header = [...bytes.subarray(0, neighbours)];
  const present = header.filter((flag) => flag === 1).length;
  if (bytes.length !== neighbours + 2 * pixels + present * (pixels + 4 * cells)) return undefined;
  let at = neighbours;
  const take = (length: number) => bytes.subarray(at, at += length);
  return {
    side,
    blurry: take(pixels),
    sharp: take(pixels),
    neighbours: header.map((flag) => {
      if (flag !== 1) return undefined;
      const moved = take(pixels);
      return { moved, flow: new Float32Array(take(4 * cells).slice().buffer) };
    }),
  };
}

function bytesOf(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
