import {
  avcodecFindBestPixFmtOfList,
  avIsHardwarePixelFormat,
  Codec,
  CodecContext,
  Dictionary,
  Rational,
} from "node-av/lib";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV444P,
  type AVPixelFormat,
  FF_ENCODER_FFV1,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  type FFEncoderCodec,
} from "node-av/constants";
import process from "node:process";
import { MediaError, OptionError } from "../../errors.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { describePixelFormat } from "../ffmpeg/pixel_format.ts";
import type { VideoCodec } from "../video_codecs.ts";

/** Codec families a video can be written in, and what writes each. */
const ENCODERS: Readonly<Record<VideoCodec, FFEncoderCodec>> = {
  h264: FF_ENCODER_LIBX264,
  hevc: FF_ENCODER_LIBX265,
  av1: FF_ENCODER_LIBSVTAV1,
  vp9: FF_ENCODER_LIBVPX_VP9,
  ffv1: FF_ENCODER_FFV1,
};

/** Whether a name, of a codec or from a command line, is a {@linkcode VideoCodec}. */
export function isVideoCodec(name: string): name is VideoCodec {
  return Object.hasOwn(ENCODERS, name);
}

/**
 * The codec family to write when none is asked for: the source's, where there is an encoder for it. WebM holds
 * VP9 and AV1 only.
 */
export function defaultCodec(sourceCodec: string | undefined, format: string): VideoCodec {
  const same = sourceCodec === "vp8" ? "vp9" : sourceCodec;
  if (format === "webm") return same === "av1" ? "av1" : "vp9";
  return same !== undefined && isVideoCodec(same) ? same : "h264";
}

/** FFmpeg's name of what writes a family: "libx264". */
export function encoderName(codec: VideoCodec): string {
  return ENCODERS[codec];
}

/** The encoder of a family. @throws {MediaError} if this build of FFmpeg has none. */
export function encoderOf(codec: VideoCodec, path: string): Codec {
  const found = Codec.findEncoderByName(ENCODERS[codec]);
  if (found === null) {
    throw new MediaError(path, `There is no ${codec} encoder (${ENCODERS[codec]}) in this FFmpeg`);
  }
  return found;
}

/**
 * An open encoder for small pictures: muxers need its headers to tell whether they can hold the codec. The caller
 * disposes it.
 */
export async function openTrialEncoder(
  codec: VideoCodec,
  path: string,
  globalHeader: boolean,
): Promise<CodecContext> {
  const encoder = encoderOf(codec, path);
  const context = new CodecContext();
  context.allocContext3(encoder);
  context.width = 128;
  context.height = 128;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, 25);
  if (globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using options = Dictionary.fromObject(encoderOptions(codec, { crf: 18, lossless: false, width: 128 }));
  ffmpegResult(await context.open2(encoder, options), path, `open the ${codec} encoder`);
  return context;
}

/** The highest (worst) `crf` of a codec family. */
export function worstQuality(codec: VideoCodec): number {
  return codec === "vp9" || codec === "av1" ? 63 : 51;
}

/** What {@linkcode encoderOptions} needs to know. */
export interface Quality {
  readonly crf: number;
  readonly lossless: boolean;
  /** Pixels. */
  readonly width: number;
  /** Write the same bytes for the same frames every time. @default {false} */
  readonly isExact?: boolean;
}

/** By how much `crf` has to fall, so that x264 without macroblock trees keeps the quality that it has with them. */
const CRF_WITHOUT_TREES = 1;

/** The encoder's own options for a constant quality, or for losing nothing. */
export function encoderOptions(
  codec: VideoCodec,
  { crf, lossless, width, isExact = false }: Quality,
): Record<string, string> {
  const quality = `${crf}`;
  switch (codec) {
    case "h264":
      if (lossless) return { qp: "0" };
      // Its macroblock trees use memory that nobody has set, on processors with AVX-512: no two runs are the same.
      return isExact
        ? { crf: `${Math.max(0, crf - CRF_WITHOUT_TREES)}`, "x264-params": "mbtree=0" }
        : { crf: quality };
    case "hevc":
      return { "x265-params": [lossless ? "lossless=1" : `crf=${quality}`, ...x265Extras(width)].join(":") };
    case "vp9":
      return { ...(lossless ? { lossless: "1" } : { crf: quality }), b: "0", "row-mt": "1", "cpu-used": "4" };
    case "av1":
      // SVT-AV1 prints its settings to stderr, past FFmpeg's own log, unless its environment says otherwise.
      process.env.SVT_LOG ??= "0";
      if (lossless) {
        throw new OptionError("av1 cannot be lossless with this encoder. Use h264, hevc, vp9 or ffv1");
      }
      return { crf: quality, preset: "8" };
    case "ffv1":
      return { level: "3" };
  }
}

/** x265's cutree writes past the end of its memory when a picture is 48 or fewer pixels wide. */
function x265Extras(width: number): readonly string[] {
  return ["log-level=none", ...(width < 64 ? ["cutree=0"] : [])];
}

/**
 * The pixel format to write: the source's, as long as the encoder takes it and it can hold the size. Formats with
 * subsampled chroma need even sizes; odd ones become 4:4:4, unless the encoder has none of it (AV1's rounds chroma up).
 */
export function outputPixelFormat(
  encoder: Codec,
  source: AVPixelFormat,
  width: number,
  height: number,
): AVPixelFormat {
  const offered = (encoder.pixelFormats ?? [source]).filter((format) =>
    format === source || isPlainFormat(format)
  );
  const holding = offered.filter((format) => holdsSize(format, width, height));
  if (holding.includes(source)) return source;
  if (offered.includes(source) && holding.includes(AV_PIX_FMT_YUV444P)) return AV_PIX_FMT_YUV444P;
  return avcodecFindBestPixFmtOfList(holding.length > 0 ? holding : offered, source);
}

/** Whether a pixel format is one of 8-bit pictures in memory. */
function isPlainFormat(format: AVPixelFormat): boolean {
  if (avIsHardwarePixelFormat(format)) return false;
  const { colours, bits } = describePixelFormat(format);
  return colours !== "bayer" && bits <= 8;
}

function holdsSize(format: AVPixelFormat, width: number, height: number): boolean {
  const { across, down } = describePixelFormat(format).chroma;
  return (across === 1 || width % 2 === 0) && (down === 1 || height % 2 === 0);
}
