import {
  avcodecFindBestPixFmtOfList,
  avGetPixFmtFromName,
  avGetPixFmtName,
  avIsHardwarePixelFormat,
  Codec,
  CodecContext,
  Dictionary,
  Rational,
} from "node-av/lib";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  type AVPixelFormat,
  FF_ENCODER_APNG,
  FF_ENCODER_FFV1,
  FF_ENCODER_GIF,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBWEBP_ANIM,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_PNG,
  FF_ENCODER_PRORES_KS,
  FF_ENCODER_RAWVIDEO,
  type FFEncoderCodec,
} from "node-av/constants";
import process from "node:process";
import { MediaError, OptionError } from "../../errors.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { hasOpacity } from "../ffmpeg/opacity.ts";
import { describePixelFormat } from "../ffmpeg/pixel_format.ts";
import { type AnimationCodec, VIDEO_CODECS, type VideoCodec, type WrittenCodec } from "../video_codecs.ts";

/** Codec families a video can be written in, and what writes each. */
const ENCODERS: Readonly<Record<WrittenCodec, FFEncoderCodec>> = {
  h264: FF_ENCODER_LIBX264,
  hevc: FF_ENCODER_LIBX265,
  av1: FF_ENCODER_LIBSVTAV1,
  vp9: FF_ENCODER_LIBVPX_VP9,
  ffv1: FF_ENCODER_FFV1,
  prores: FF_ENCODER_PRORES_KS,
  png: FF_ENCODER_PNG,
  rawvideo: FF_ENCODER_RAWVIDEO,
  gif: FF_ENCODER_GIF,
  apng: FF_ENCODER_APNG,
  webp: FF_ENCODER_LIBWEBP_ANIM,
};

/** Whether a name, of a codec or from a command line, is a {@linkcode VideoCodec}. */
export function isVideoCodec(name: string): name is VideoCodec {
  return VIDEO_CODECS.some((codec) => codec === name);
}

/** Whether a container, by FFmpeg's name, or a codec is of an animated picture. */
export function isAnimation(name: string | null | undefined): name is AnimationCodec {
  return name === "gif" || name === "apng" || name === "webp";
}

/**
 * The codec family to write when none is asked for: the source's, where there is an encoder for it. WebM holds
 * VP9 and AV1 only, and what edits ProRes reads it from MOV.
 */
export function defaultCodec(sourceCodec: string | undefined, format: string): WrittenCodec {
  if (isAnimation(format)) return format;
  if (format === "yuv4mpegpipe") return "rawvideo";
  if (sourceCodec === "rawvideo") return format === "webm" ? "vp9" : "h264";
  const same = sourceCodec === "vp8" ? "vp9" : sourceCodec;
  if (format === "webm") return same === "av1" ? "av1" : "vp9";
  if (same === "prores" && format !== "mov" && format !== "matroska") return "h264";
  return same !== undefined && isVideoCodec(same) ? same : "h264";
}

/** FFmpeg's name of what writes a family: "libx264". */
export function encoderName(codec: WrittenCodec): string {
  return ENCODERS[codec];
}

/** The encoder of a family. @throws {MediaError} if this build of FFmpeg has none. */
export function encoderOf(codec: WrittenCodec, path: string): Codec {
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
  codec: WrittenCodec,
  path: string,
  globalHeader: boolean,
): Promise<CodecContext> {
  const encoder = encoderOf(codec, path);
  const context = new CodecContext();
  context.allocContext3(encoder);
  context.width = 128;
  context.height = 128;
  const formats = encoder.pixelFormats ?? [];
  context.pixelFormat = formats.includes(AV_PIX_FMT_YUV420P)
    ? AV_PIX_FMT_YUV420P
    : formats[0] ?? AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, 25);
  if (globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using options = Dictionary.fromObject(encoderOptions(codec, { crf: 18, lossless: false, width: 128 }));
  ffmpegResult(await context.open2(encoder, options), path, `open the ${codec} encoder`);
  return context;
}

/** The highest (worst) `crf` of a codec family. */
export function worstQuality(codec: WrittenCodec): number {
  return codec === "vp9" || codec === "av1" ? 63 : 51;
}

/** What {@linkcode encoderOptions} needs to know. */
export interface Quality {
  readonly crf: number;
  readonly lossless: boolean;
  /** Pixels. */
  readonly width: number;
  /** Frames to look ahead. @default {the encoder's own} */
  readonly lookahead?: number;
  /** Whether frames may be coded in another order than they are shown in. @default {true} */
  readonly reorder?: boolean;
  /** Parameters beyond these, in the encoder's own words. @default {[]} */
  readonly parameters?: readonly string[];
  /** Whether there is no opacity to keep. @default {true} */
  readonly isOpaque?: boolean;
}

/** Of animated WebP, 0 to 100; that of still ones. */
const WEBP_QUALITY = 95;

/** The encoder's own options for a constant quality, or for losing nothing. */
export function encoderOptions(codec: WrittenCodec, quality: Quality): Record<string, string> {
  const { crf, lossless, lookahead, reorder = true, isOpaque = true, parameters = [] } = quality;
  const ahead = (name: string) => lookahead === undefined ? {} : { [name]: `${lookahead}` };
  switch (codec) {
    case "h264":
      return {
        ...(lossless ? { qp: "0" } : { crf: `${crf}` }),
        ...ahead("rc-lookahead"),
        ...(!reorder && { bf: "0" }),
        ...joined("x264-params", parameters),
      };
    case "hevc":
      return { "x265-params": x265Parameters(quality).join(":") };
    case "vp9":
      return {
        ...(lossless ? { lossless: "1" } : { crf: `${crf}` }),
        // Of 12 bits, libvpx loses up to 3 levels with 4, though told to lose nothing; with 3 it lost none.
        ...{ b: "0", "row-mt": "1", "cpu-used": lossless ? "3" : "4" },
        ...ahead("lag-in-frames"),
        // Frames that are never shown have no opacity beside them.
        ...(!isOpaque && { "auto-alt-ref": "0" }),
      };
    case "av1":
      // SVT-AV1 prints its settings to stderr, past FFmpeg's own log, unless its environment says otherwise.
      process.env.SVT_LOG ??= "0";
      if (lossless) {
        throw new OptionError("av1 cannot be lossless with this encoder. Use h264, hevc, vp9 or ffv1");
      }
      return {
        ...{ crf: `${crf}`, preset: "8" },
        ...joined("svtav1-params", [
          ...(lookahead === undefined ? [] : [`lookahead=${lookahead}`]),
          ...parameters,
        ]),
      };
    case "ffv1":
      return { level: "3" };
    case "prores":
      if (lossless) throw new OptionError("prores cannot be lossless. Use ffv1, h264, hevc or vp9");
      return { vendor: "apl0" }; // other programs refuse what Apple's do not say to have written
    case "webp":
      return lossless ? { lossless: "1" } : { quality: `${WEBP_QUALITY}` };
    case "apng":
      return { pred: "mixed" };
    case "png":
    case "rawvideo":
    case "gif":
      return {};
  }
}

/** An option of parameters, if there are any. */
function joined(name: string, parameters: readonly string[]): Record<string, string> {
  return parameters.length > 0 ? { [name]: parameters.join(":") } : {};
}

function x265Parameters(quality: Quality): readonly string[] {
  const { crf, lossless, width, lookahead, reorder = true, parameters = [] } = quality;
  return [
    lossless ? "lossless=1" : `crf=${crf}`,
    "log-level=none",
    // Its cutree writes past the end of its memory when a picture is 48 or fewer pixels wide.
    ...(width < 64 ? ["cutree=0"] : []),
    ...(lookahead === undefined ? [] : [`rc-lookahead=${lookahead}`, "frame-threads=1"]),
    ...(reorder ? [] : ["bframes=0"]),
    ...parameters,
  ];
}

/** A video's pictures, as far as they decide their pixel format. */
export interface PictureNeeds {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Whether there is no opacity to keep. */
  readonly isOpaque: boolean;
}

/**
 * The pixel format to write: the source's, as long as the encoder takes it and it can hold the size. Formats with
 * subsampled chroma need even sizes; odd ones become 4:4:4, unless the encoder has none of it (AV1's rounds chroma up).
 */
export function outputPixelFormat(
  encoder: Codec,
  source: AVPixelFormat,
  { width, height, isOpaque }: PictureNeeds,
): AVPixelFormat {
  const plain = (encoder.pixelFormats ?? RAW_FORMATS).filter((format) =>
    format === source || isPlainFormat(format)
  );
  const alike = plain.filter((format) => hasOpacity(format) !== isOpaque);
  const suited = alike.length > 0 ? alike : plain;
  // Few bits are worse than less chroma: they show as bands.
  const bits = Math.min(describePixelFormat(source).bits, Math.max(...suited.map(bitsOf)));
  const offered = suited.filter((format) => bits <= 8 ? bitsOf(format) <= 8 : bitsOf(format) >= bits);
  const holding = offered.filter((format) => holdsSize(format, width, height));
  if (holding.includes(source)) return source;
  const full = holding.find((format) => isFullChroma(format) && bitsOf(format) === bits);
  if (offered.includes(source) && full !== undefined) return full;
  return avcodecFindBestPixFmtOfList(holding.length > 0 ? holding : offered, source);
}

/** What y4m holds, and every reader of raw video: FFmpeg's encoder of it takes any. */
const RAW_FORMATS: readonly AVPixelFormat[] = [
  ...["yuv420p", "yuv422p", "yuv444p", "yuv411p", "gray"],
  ...["yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le"],
  ...["yuv420p12le", "yuv422p12le", "yuv444p12le", "gray12le"],
].map(avGetPixFmtFromName);

/** Whether a pixel format is one of pictures in memory that the scaler can write: not those of two planes ("nv20"). */
function isPlainFormat(format: AVPixelFormat): boolean {
  return !avIsHardwarePixelFormat(format) && !/^nv/.test(avGetPixFmtName(format) ?? "") &&
    describePixelFormat(format).colours !== "bayer";
}

function bitsOf(format: AVPixelFormat): number {
  return describePixelFormat(format).bits;
}

/** Whether it is YUV 4:4:4 in planes, with opacity or without. */
function isFullChroma(format: AVPixelFormat): boolean {
  return /^yuva?444p(?:\d+le)?$/.test(avGetPixFmtName(format) ?? "");
}

function holdsSize(format: AVPixelFormat, width: number, height: number): boolean {
  const { across, down } = describePixelFormat(format).chroma;
  return (across === 1 || width % 2 === 0) && (down === 1 || height % 2 === 0);
}
