import type { Frame as AvFrame } from "node-av/lib";
import type { AVPixelFormat } from "node-av/constants";
import { describePixelFormat } from "./pixel_format.ts";

/** The samples of one plane of a picture in FFmpeg's memory. */
interface Plane {
  /** Row by row, with unused samples at the end of each. */
  readonly samples: Uint8Array | Uint16Array;
  /** Samples from one row to the next. */
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What the samples of `original` are more than those of `converted`, of the same size and pixel format: what a conversion to RGB
 * and back has lost. One difference a sample, plane by plane, row by row.
 */
export function residueOf(original: AvFrame, converted: AvFrame): Int16Array<ArrayBuffer> {
  const [before, after] = [planesOf(original), planesOf(converted)];
  const residue = new Int16Array(countSamples(before));
  let at = 0;
  before.forEach(({ samples, stride, width, height }, i) => {
    const other = after[i];
    if (other === undefined) return;
    for (let y = 0; y < height; y++) {
      const [row, otherRow] = [y * stride, y * other.stride];
      for (let x = 0; x < width; x++) {
        residue[at++] = (samples[row + x] as number) - (other.samples[otherRow + x] as number);
      }
    }
  });
  return residue;
}

/** Adds what {@linkcode residueOf} gave for a picture of this size and pixel format; one of another size is left out. */
export function addResidue(frame: AvFrame, residue: Int16Array): void {
  const planes = planesOf(frame);
  if (residue.length !== countSamples(planes)) return;
  const most = 2 ** describePixelFormat(frame.format as AVPixelFormat).bits - 1;
  let at = 0;
  for (const { samples, stride, width, height } of planes) {
    for (let y = 0; y < height; y++) {
      for (let i = y * stride; i < y * stride + width; i++) {
        const sum = (samples[i] as number) + (residue[at++] as number);
        samples[i] = sum < 0 ? 0 : sum > most ? most : sum;
      }
    }
  }
}

function countSamples(planes: readonly Plane[]): number {
  return planes.reduce((sum, { width, height }) => sum + width * height, 0);
}

function planesOf({ data, linesize, width, height, format }: AvFrame): Plane[] {
  const { bits, chroma: { across, down } } = describePixelFormat(format as AVPixelFormat);
  const bytes = bits > 8 ? 2 : 1;
  return (data ?? []).map((plane, i) => {
    const isChroma = i === 1 || i === 2;
    const stride = (linesize[i] ?? 0) / bytes;
    const length = plane.byteLength / bytes;
    return {
      samples: bytes === 2
        ? new Uint16Array(plane.buffer, plane.byteOffset, length)
        : new Uint8Array(plane.buffer, plane.byteOffset, length),
      stride,
      width: isChroma ? Math.ceil(width / across) : width,
      height: isChroma ? Math.ceil(height / down) : height,
    };
  });
}
