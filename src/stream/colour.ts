import { avGetPixFmtName, type CodecParameters } from "node-av/lib";
import {
  AV_PIX_FMT_YUV411P,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV440P,
  AV_PIX_FMT_YUV444P,
  AV_PIX_FMT_YUVJ411P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AV_PIX_FMT_YUVJ440P,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RESERVED,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
} from "node-av/constants";
import type { AVColorRange, AVColorSpace, AVPixelFormat } from "node-av/constants";
import { MediaError } from "../errors.ts";

/** How the samples of a video stand for RGB. Frames are converted to RGB and back with the same one. */
export interface Colour {
  /** Matrix between YUV and RGB. */
  readonly matrix: AVColorSpace;
  /** Limited (16..235) or full (0..255). */
  readonly range: AVColorRange;
  /** Pixel format, with the deprecated `yuvj` ones replaced by their name without the range. */
  readonly format: AVPixelFormat;
}

/** Pixel formats that say "full range" by themselves, and the ones that leave it to the tag. */
const WITHOUT_RANGE = new Map<number, AVPixelFormat>([
  [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P],
  [AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P],
  [AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P],
  [AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P],
  [AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P],
]);

/**
 * The matrix and range a stream is to be read with: its tags where it has them; otherwise BT.601 below 720 lines,
 * BT.709 from there on, and limited range, which is what players assume.
 */
export function colourOf(parameters: CodecParameters): Colour {
  const pixelFormat = pixelFormatOf(parameters);
  const format = WITHOUT_RANGE.get(pixelFormat);
  const name = avGetPixFmtName(pixelFormat) ?? "";
  const tag = parameters.colorSpace;
  const untagged = tag === AVCOL_SPC_UNSPECIFIED || tag === AVCOL_SPC_RESERVED || tag === AVCOL_SPC_RGB;
  const guessed = parameters.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  const limited = parameters.colorRange === AVCOL_RANGE_UNSPECIFIED
    ? AVCOL_RANGE_MPEG
    : parameters.colorRange;
  return isRgb(name) ? { matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG, format: pixelFormat } : {
    matrix: untagged ? guessed : tag,
    range: format ? AVCOL_RANGE_JPEG : limited,
    format: format ?? pixelFormat,
  };
}

/** Whether samples of this pixel format are red, green and blue. */
export function isRgb(pixelFormatName: string): boolean {
  return /rgb|bgr|gbr|pal8/.test(pixelFormatName);
}

/** The pixel format of a video stream's parameters. */
function pixelFormatOf(parameters: CodecParameters): AVPixelFormat {
  // The binding types one field for audio and video; callers hand in video streams only.
  return parameters.format as AVPixelFormat;
}

/** Whether a pixel format, by FFmpeg's name, has more than 8 bits a sample. */
export function isDeep(pixelFormatName: string): boolean {
  return /(?:9|10|12|14|16|32|48|64|96|128)(?:le|be)$|^(?:nv20|xv30|v30x|xv36|x?v48)/.test(pixelFormatName);
}

/** Whether a transfer characteristic, by FFmpeg's name, is that of HDR. */
export function isHdr(transferName: string): boolean {
  return transferName === "smpte2084" || transferName === "arib-std-b67";
}

/**
 * @throws {MediaError} if the stream needs more than 8 bits a sample, or is HDR.
 */
export function refuseHighDepth(path: string, parameters: CodecParameters): void {
  const name = avGetPixFmtName(pixelFormatOf(parameters)) ?? "unknown";
  const transfer = parameters.colorTrc;
  refuseDepth(path, name, {
    isDeep: isDeep(name),
    isHdr: transfer === AVCOL_TRC_SMPTE2084 || transfer === AVCOL_TRC_ARIB_STD_B67,
    isConstantLuminance: parameters.colorSpace === AVCOL_SPC_BT2020_CL,
  });
}

/** What {@linkcode refuseDepth} refuses. */
export interface Depth {
  readonly isDeep: boolean;
  readonly isHdr: boolean;
  /** @default {false} */
  readonly isConstantLuminance?: boolean;
}

/** @throws {MediaError} if a video is none of 8 bits; `name` is that of its pixel format. */
export function refuseDepth(path: string, name: string, depth: Depth): void {
  const { isDeep, isHdr, isConstantLuminance = false } = depth;
  if (!isDeep && !isHdr && !isConstantLuminance) return;
  const what = isHdr ? "HDR" : isDeep ? "more than 8 bits a sample" : "constant-luminance BT.2020";
  throw new MediaError(
    path,
    `This video is ${what} (${name}), which is not supported yet; wanted 8-bit video`,
  );
}
