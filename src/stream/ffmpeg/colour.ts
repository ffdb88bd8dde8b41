import { avGetPixFmtFromName } from "node-av/lib";
import {
  AV_PIX_FMT_NONE,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RESERVED,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
} from "node-av/constants";
import type { AVColorRange, AVColorSpace, AVPixelFormat } from "node-av/constants";
import { MediaError } from "../../errors.ts";
import type { SampleFormat } from "../../frame.ts";
import { describePixelFormat } from "./pixel_format.ts";
import { pixelFormatNumber } from "./sample_format.ts";

/** How YUV samples of a video are converted to RGB; frames are converted back with the same. */
export interface Colour {
  /** Matrix between YUV and RGB. */
  readonly matrix: AVColorSpace;
  /** Limited (16..235) or full (0..255). */
  readonly range: AVColorRange;
  readonly format: AVPixelFormat;
}

/**
 * The matrix and range that samples are to be read with: their tags where they have them; otherwise BT.601 below 720 lines,
 * BT.709 from there on, and limited range, which is what players assume.
 */
export function colourOf(samples: SampleFormat, height: number): Colour {
  const format = pixelFormatNumber(samples);
  if (isRgb(format)) return { matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG, format };
  const tag = samples.matrix as AVColorSpace;
  const untagged = tag === AVCOL_SPC_UNSPECIFIED || tag === AVCOL_SPC_RESERVED || tag === AVCOL_SPC_RGB;
  const guessed = height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  return {
    matrix: untagged ? guessed : tag,
    range: samples.range === "full" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG,
    format,
  };
}

/** Whether samples of this pixel format are red, green and blue; not those of a damaged stream that has none. */
export function isRgb(format: AVPixelFormat): boolean {
  return format !== AV_PIX_FMT_NONE && describePixelFormat(format).colours === "rgb";
}

/** Whether a transfer characteristic, by FFmpeg's name, is that of HDR. */
export function isHdr(transferName: string): boolean {
  return transferName === "smpte2084" || transferName === "arib-std-b67";
}

/** @throws {MediaError} if the luminance of a video is made of all colours at once, which RGB cannot be told from. */
export function refuseConstantLuminance(path: string, { pixelFormat, matrix }: SampleFormat): void {
  if (matrix === AVCOL_SPC_BT2020_CL) throw unsupported(path, "constant-luminance BT.2020", pixelFormat);
}

/**
 * @param pixelFormat FFmpeg's name of it; one that the FFmpeg inside this library does not know is let pass
 * @throws {MediaError} if a video has more than 8 bits a sample, or is HDR, which pipes of raw pictures do not carry.
 */
export function refuseDepth(path: string, pixelFormat: string, isHdr: boolean): void {
  const format = avGetPixFmtFromName(pixelFormat);
  const isDeep = format !== AV_PIX_FMT_NONE && describePixelFormat(format).bits > 8;
  if (!isHdr && !isDeep) return;
  const what = isHdr ? "HDR" : "more than 8 bits a sample";
  throw new MediaError(
    path,
    `This video is ${what} (${pixelFormat}), which another ffmpeg program is not given. Leave --ffmpeg out`,
  );
}

function unsupported(path: string, what: string, pixelFormat: string): MediaError {
  const message =
    `This video is ${what} (${pixelFormat}), which is not supported. Convert it to another format first`;
  return new MediaError(path, message);
}
