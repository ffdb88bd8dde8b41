import { Buffer } from "node:buffer";
import { avImageCopyToBuffer, Codec, CodecContext, FFmpegError, Frame as AvFrame, Packet } from "node-av/lib";
import {
  AV_CODEC_ID_BMP,
  AV_CODEC_ID_JPEG2000,
  AV_CODEC_ID_PAM,
  AV_CODEC_ID_PBM,
  AV_CODEC_ID_PGM,
  AV_CODEC_ID_PPM,
  AV_PIX_FMT_GRAY16LE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_RGBA64LE,
  type AVCodecID,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  type AVPixelFormat,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import { ColourConverter } from "../ffmpeg/colour_converter.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { hasOpacity } from "../ffmpeg/opacity.ts";
import { describePixelFormat } from "../ffmpeg/pixel_format.ts";

/** Formats of picture files that FFmpeg decodes, and what it decodes them with. */
const DECODERS = {
  bmp: AV_CODEC_ID_BMP,
  pbm: AV_CODEC_ID_PBM,
  pgm: AV_CODEC_ID_PGM,
  ppm: AV_CODEC_ID_PPM,
  pam: AV_CODEC_ID_PAM,
  jpeg2000: AV_CODEC_ID_JPEG2000,
} as const satisfies Record<string, AVCodecID>;

/** A format of still pictures that is read through FFmpeg. */
export type StillFormat = keyof typeof DECODERS;

/** A still picture, decoded. */
export interface DecodedStill {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGB and opacity. */
  readonly channels: 1 | 3 | 4;
  readonly samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/** What a picture is converted to, by channels, in 8 and in 16 bits. */
const TARGETS: Readonly<Record<DecodedStill["channels"], readonly [AVPixelFormat, AVPixelFormat]>> = {
  1: [AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY16LE],
  3: [AV_PIX_FMT_RGB24, AV_PIX_FMT_RGB48LE],
  4: [AV_PIX_FMT_RGBA, AV_PIX_FMT_RGBA64LE],
};

/**
 * Decodes a picture file of one picture.
 *
 * @param path what errors name
 * @throws {MediaError} if it is damaged, or has more than `maxPixels`.
 */
export async function decodeStill(
  path: string,
  bytes: Uint8Array,
  format: StillFormat,
  maxPixels: number,
): Promise<DecodedStill> {
  const codec = Codec.findDecoder(DECODERS[format]);
  if (codec === null) throw new MediaError(path, `There is no decoder for ${format} in this FFmpeg`);
  using context = new CodecContext();
  context.allocContext3(codec);
  using packet = new Packet();
  packet.alloc();
  using frame = new AvFrame();
  frame.alloc();
  const decode = async (): Promise<number> => {
    ffmpegResult(context.setOption("max_pixels", `${maxPixels}`), path, "set up the decoder");
    ffmpegResult(await context.open2(codec, null), path, "open the decoder");
    packet.data = Buffer.from(bytes);
    const sent = await context.sendPacket(packet);
    if (sent < 0) return sent;
    await context.sendPacket(null);
    return await context.receiveFrame(frame);
  };
  const result = await decode();
  if (result < 0) {
    const why = FFmpegError.strerror(result);
    const message = `Cannot read this picture: ${why}. Use a complete one of at most ${maxPixels} pixels`;
    throw new MediaError(path, message, { cause: new FFmpegError(result) });
  }
  return await converted(path, frame);
}

async function converted(path: string, frame: AvFrame): Promise<DecodedStill> {
  const stored = frame.format as AVPixelFormat;
  const { colours, bits } = describePixelFormat(stored);
  const channels = hasOpacity(stored) ? 4 : colours === "grey" ? 1 : 3;
  const format = TARGETS[channels][bits > 8 ? 1 : 0];
  const { width, height } = frame;
  using converter = new ColourConverter(path, "toRgb");
  using target = new AvFrame();
  target.alloc();
  Object.assign(target, { format, width, height, colorRange: AVCOL_RANGE_JPEG });
  if (channels > 1) target.colorSpace = AVCOL_SPC_RGB;
  ffmpegResult(target.getBuffer(0), path, "get memory for a picture");
  // Pictures use all values of their bits.
  frame.colorRange = AVCOL_RANGE_JPEG;
  await converter.convert(frame, target);
  const size = width * height * channels * (bits > 8 ? 2 : 1);
  const samples = new Uint8Array(size);
  const packed = Buffer.from(samples.buffer);
  const copied = avImageCopyToBuffer(packed, size, target.data, target.linesize, format, width, height, 1);
  ffmpegResult(copied, path, "copy a picture");
  return { width, height, channels, samples: bits > 8 ? new Uint16Array(samples.buffer) : samples };
}
