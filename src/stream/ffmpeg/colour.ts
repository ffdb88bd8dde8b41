import { avGetPixFmtFromName, avGetPixFmtName, type CodecParameters } from "node-av/lib";
import {
  AV_PIX_FMT_NONE,
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
import { MediaError } from "../../errors.ts";
import { describePixelFormat } from "./pixel_format.ts";

/** How YUV samples of a video are converted to RGB; frames are converted back with the same. */
export interface Colour {
  /** Matrix between YUV and RGB. */
  readonly matrix: AVColorSpace;
  /** Limited (16..235) or full (0..255). */
  readonly range: AVColorRange;
  /** Pixel format, with the deprecated `yuvj` ones replaced by those without a range. */
  readonly format: AVPixelFormat;
}

/** Deprecated pixel formats that imply full range, and those that leave the range to the tag. */
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
  const tag = parameters.colorSpace;
  const untagged = tag === AVCOL_SPC_UNSPECIFIED || tag === AVCOL_SPC_RESERVED || tag === AVCOL_SPC_RGB;
  const guessed = parameters.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
  const limited = parameters.colorRange === AVCOL_RANGE_UNSPECIFIED
    ? AVCOL_RANGE_MPEG
    : parameters.colorRange;
  return isRgb(pixelFormat) ? { matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG, format: pixelFormat } : {
    matrix: untagged ? guessed : tag,
    range: format === undefined ? limited : AVCOL_RANGE_JPEG,
    format: format ?? pixelFormat,
  };
}

/** Whether samples of this pixel format are red, green and blue; not those of a damaged stream that has none. */
export function isRgb(format: AVPixelFormat): boolean {
  return format !== AV_PIX_FMT_NONE && describePixelFormat(format).colours === "rgb";
}

/** The pixel format of a video stream's parameters. */
function pixelFormatOf(parameters: CodecParameters): AVPixelFormat {
  // The binding types one field for audio and video; callers hand in video streams only.
  return parameters.format as AVPixelFormat;
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
  refuseDepth(path, name, transfer === AVCOL_TRC_SMPTE2084 || transfer === AVCOL_TRC_ARIB_STD_B67);
  if (parameters.colorSpace === AVCOL_SPC_BT2020_CL) {
    throw unsupported(path, "constant-luminance BT.2020", name);
  }
}

/**
 * @param pixelFormat FFmpeg's name of it; one that the FFmpeg inside this library does not know is let pass
 * @throws {MediaError} if a video has more than 8 bits a sample, or is HDR.
 */
export function refuseDepth(path: string, pixelFormat: string, isHdr: boolean): void {
  if (isHdr) throw unsupported(path, "HDR", pixelFormat);
  const format = avGetPixFmtFromName(pixelFormat);
  if (format === AV_PIX_FMT_NONE || describePixelFormat(format).bits <= 8) return;
  throw unsupported(path, "more than 8 bits a sample", pixelFormat);
}

function unsupported(path: string, what: string, pixelFormat: string): MediaError {
  const message =
    `This video is ${what} (${pixelFormat}), which is not supported yet. Convert it to 8-bit video`;
  return new MediaError(path, message);
}
