import { join } from "node:path";
import { FLOW_CELL } from "../../model/network/config.ts";
import type { TrainConfig } from "../config.ts";

/**
 * A square that crops are cut out of. It is larger than a crop and is used often, each time another part, with another orientation and other
 * colours. RGB bytes of `side` × `side` pixels.
 */
export interface Sample {
  /** Pixels. */
  readonly side: number;
  /** The blurry picture. */
  readonly blurry: Uint8Array<ArrayBuffer>;
  /** The sharp picture. */
  readonly sharp: Uint8Array<ArrayBuffer>;
  /** The previous and the next frame (`undefined` if there is none), for a network of three frames; else empty. */
  readonly neighbours: readonly (SampleNeighbour | undefined)[];
}

/** A neighbouring frame, aligned to the sample. */
export interface SampleNeighbour {
  /** RGB bytes of `side` × `side` pixels. */
  readonly moved: Uint8Array<ArrayBuffer>;
  /** Displacement of each cell of 16 × 16 pixels, two numbers in pixels. */
  readonly flow: Float32Array<ArrayBuffer>;
}

/**
 * Side of the samples of a config: one and a half times that of crops, if the pictures are large enough, in whole cells.
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

/** Encodes a sample as the bytes of a file: a byte for each neighbour that says whether it is present, then all arrays. */
export function encodeSample({ side, blurry, sharp, neighbours }: Sample): Uint8Array {
  const arrays = [
    blurry,
    sharp,
    ...neighbours.flatMap((near) => near ? [near.moved, bytesOf(near.flow)] : []),
  ];
  const header = Uint8Array.of(...neighbours.map((near) => near ? 1 : 0));
  const size = arrays.reduce((sum, array) => sum + array.length, header.length);
  if (blurry.length !== 3 * side * side) {
    throw new RangeError(`Cannot encode a sample of ${side} pixels with ${blurry.length} bytes`);
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
 * Decodes a sample from the bytes of its file.
 *
 * @param neighbours Number of neighbours of the network: 0 or 2.
 * @returns `undefined` if the bytes are not a complete sample, for example of a truncated file.
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
