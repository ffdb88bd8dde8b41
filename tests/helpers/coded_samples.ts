import { avGetPixFmtName, avImageCopyToBuffer, avImageGetBufferSize, type Frame } from "node-av/lib";
import { AVMEDIA_TYPE_VIDEO, type AVPixelFormat } from "node-av/constants";
import { Buffer } from "node:buffer";
import { decodeWithFfmpeg, must } from "./decode_with_ffmpeg.ts";

/** One frame of a video as it is coded, decoded through none of the code under test. */
export interface CodedFrame {
  /** FFmpeg's name. */
  readonly pixelFormat: string;
  readonly transfer: number;
  readonly primaries: number;
  readonly matrix: number;
  /** All planes, row by row. */
  readonly samples: Uint8Array | Uint16Array;
}

/** The samples of every frame of a video: YUV as a rule, nothing converted. */
export async function codedFrames(path: string): Promise<CodedFrame[]> {
  const frames: CodedFrame[] = [];
  await decodeWithFfmpeg(path, AVMEDIA_TYPE_VIDEO, (frame) => void frames.push(codedFrame(frame)));
  return frames;
}

/** The largest difference of any sample of two videos of one pixel format. */
export function largestDifference(one: readonly CodedFrame[], other: readonly CodedFrame[]): number {
  let largest = 0;
  one.forEach(({ samples }, t) => {
    for (let i = 0; i < samples.length; i++) {
      largest = Math.max(largest, Math.abs((samples[i] ?? 0) - (other[t]?.samples[i] ?? Infinity)));
    }
  });
  return largest;
}

function codedFrame(frame: Frame): CodedFrame {
  const { width, height } = frame;
  const format = frame.format as AVPixelFormat;
  const bytes = Buffer.alloc(avImageGetBufferSize(format, width, height, 1));
  must(avImageCopyToBuffer(bytes, bytes.length, frame.data, frame.linesize, format, width, height, 1));
  const pixelFormat = avGetPixFmtName(format) ?? "";
  const copy = new Uint8Array(bytes);
  return {
    pixelFormat,
    transfer: frame.colorTrc,
    primaries: frame.colorPrimaries,
    matrix: frame.colorSpace,
    samples: /\d{2}le$/.test(pixelFormat) ? new Uint16Array(copy.buffer) : copy,
  };
}
