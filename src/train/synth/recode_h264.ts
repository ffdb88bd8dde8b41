import { Buffer } from "node:buffer";
import {
  Codec,
  CodecContext,
  CodecParameters,
  Dictionary,
  Frame as AvFrame,
  Packet,
  Rational,
} from "node-av/lib";
import {
  AV_CODEC_ID_H264,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVERROR_EOF,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { ColourConverter } from "../../stream/ffmpeg/colour_converter.ts";
import { AVERROR_EAGAIN, ffmpegResult } from "../../stream/ffmpeg/ffmpeg_result.ts";
import { RgbFrames } from "../../stream/decode/rgb_frames.ts";
import { sampleFormatOf } from "../../stream/ffmpeg/sample_format.ts";
import { encoderOf, outputPixelFormat } from "../../stream/encode/video_codec.ts";

/** Options of {@linkcode recodeH264}. */
export interface RecodeH264Options {
  /** Constant rate factor of x264, 0 (only chroma is lost) to 51. */
  readonly crf: number;
  /** Name of the clip in errors. */
  readonly name: string;
}

/** Frames per second, with a keyframe each second. */
const RATE = 30;

/**
 * Like phones: no B-frames. One thread and no code that depends on the processor, so that the same pictures give the same bits on every
 * machine; with more threads, motion is searched less far.
 */
const SETTINGS = {
  preset: "veryfast",
  "x264-params": `threads=1:cpu-independent=1:bframes=0:keyint=${RATE}`,
};

/**
 * Compresses 8-bit pictures as the frames of one H.264 clip (x264, 4:2:0, BT.709, 30 frames per second, in memory), and decodes them: one
 * picture for each, in order, of the same size, delayed by about a dozen. The same pictures and `crf` give the same bits. A
 * picture depends on earlier ones of its clip and a few later ones.
 *
 * @throws {MediaError} if the pictures cannot be encoded, or differ in size.
 */
export async function* recodeH264(
  pictures: AsyncIterable<Picture> | Iterable<Picture>,
  { crf, name }: RecodeH264Options,
): AsyncGenerator<Picture & { readonly data: Uint8Array<ArrayBuffer> }> {
  let clip: Clip | undefined;
  try {
    for await (const picture of pictures) {
      clip ??= await Clip.open(picture, crf, name);
      yield* clip.add(picture);
    }
    if (clip !== undefined) yield* clip.end();
  } finally {
    clip?.[Symbol.dispose]();
  }
}

/** An encoder whose packets go straight into a decoder. */
class Clip implements Disposable {
  readonly #name: string;
  readonly #size: Pick<Picture, "width" | "height">;
  readonly #encoder = new CodecContext();
  readonly #decoder = new CodecContext();
  readonly #toYuv: ColourConverter;
  readonly #yuv = new AvFrame();
  readonly #decoded = new AvFrame();
  readonly #packet = new Packet();
  #toRgb: RgbFrames | undefined;
  #lent: Buffer | undefined;
  #count = 0;

  private constructor({ width, height }: Picture, name: string) {
    [this.#name, this.#size] = [name, { width, height }];
    this.#toYuv = new ColourConverter(name, "fromRgb");
    this.#yuv.alloc();
    this.#decoded.alloc();
    this.#packet.alloc();
  }

  static async open(first: Picture, crf: number, name: string): Promise<Clip> {
    const self = new Clip(first, name);
    try {
      await self.#open(crf);
      return self;
    } catch (error) {
      self[Symbol.dispose]();
      throw error;
    }
  }

  async #open(crf: number): Promise<void> {
    const [name, context, { width, height }] = [this.#name, this.#encoder, this.#size];
    const encoder = encoderOf("h264", name);
    context.allocContext3(encoder);
    context.width = width;
    context.height = height;
    context.pixelFormat = outputPixelFormat(encoder, AV_PIX_FMT_YUV420P, { width, height, isOpaque: true });
    context.timeBase = new Rational(1, RATE);
    context.framerate = new Rational(RATE, 1);
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorRange = AVCOL_RANGE_MPEG;
    using settings = Dictionary.fromObject({ ...SETTINGS, crf: `${crf}` });
    ffmpegResult(await context.open2(encoder, settings), name, `encode ${width}x${height} pictures as h264`);

    const decoder = Codec.findDecoder(AV_CODEC_ID_H264);
    if (decoder === null) throw new MediaError(name, "This FFmpeg has no h264 decoder");
    this.#decoder.allocContext3(decoder);
    this.#decoder.threadCount = 1;
    ffmpegResult(await this.#decoder.open2(decoder, null), name, "open the decoder");

    const parameters = new CodecParameters();
    parameters.alloc();
    ffmpegResult(parameters.fromContext(context), name, "read the encoder's parameters");
    this.#toRgb = new RgbFrames(name, parameters, sampleFormatOf(parameters));
    parameters.free();
    this.#yuv.format = context.pixelFormat;
    this.#yuv.width = width;
    this.#yuv.height = height;
    this.#yuv.colorSpace = AVCOL_SPC_BT709;
    this.#yuv.colorRange = AVCOL_RANGE_MPEG;
    ffmpegResult(this.#yuv.getBuffer(0), name, "get memory for a frame");
  }

  /** Encodes a picture, and delivers those that are ready. */
  async *add({ data, width, height }: Picture) {
    if (width !== this.#size.width || height !== this.#size.height) {
      const { width: firstWidth, height: firstHeight } = this.#size;
      throw new MediaError(
        this.#name,
        `A picture is ${width}x${height}, but the first was ${firstWidth}x${firstHeight}: a clip has one size`,
      );
    }
    ffmpegResult(this.#yuv.makeWritable(), this.#name, "get memory for a frame");
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    // The frame points into these bytes without owning them, and they are read on another thread: keep them alive.
    this.#lent = bytes;
    using rgb = AvFrame.fromVideoBuffer(bytes, { width, height, format: AV_PIX_FMT_RGB24 });
    rgb.colorSpace = AVCOL_SPC_RGB;
    rgb.colorRange = AVCOL_RANGE_JPEG;
    await this.#toYuv.convert(rgb, this.#yuv);
    this.#lent = undefined;
    this.#yuv.pts = BigInt(this.#count++);
    ffmpegResult(await this.#encoder.sendFrame(this.#yuv), this.#name, "encode a frame");
    yield* this.#receive();
  }

  /** Delivers the remaining pictures. */
  async *end() {
    ffmpegResult(await this.#encoder.sendFrame(null), this.#name, "finish the clip");
    yield* this.#receive();
    ffmpegResult(await this.#decoder.sendPacket(null), this.#name, "finish the clip");
    yield* this.#decode();
  }

  async *#receive() {
    while (this.#isReady(await this.#encoder.receivePacket(this.#packet), "encode a frame")) {
      ffmpegResult(await this.#decoder.sendPacket(this.#packet), this.#name, "decode a frame");
      this.#packet.unref();
      yield* this.#decode();
    }
  }

  async *#decode() {
    while (this.#isReady(await this.#decoder.receiveFrame(this.#decoded), "decode a frame")) {
      if (this.#toRgb !== undefined) yield await this.#toRgb.convertToBytes(this.#decoded);
    }
  }

  #isReady(received: number, action: string): boolean {
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return false;
    ffmpegResult(received, this.#name, action);
    return true;
  }

  [Symbol.dispose](): void {
    this.#encoder.freeContext();
    this.#decoder.freeContext();
    this.#toYuv[Symbol.dispose]();
    this.#toRgb?.[Symbol.dispose]();
    this.#yuv.free();
    this.#decoded.free();
    this.#packet.free();
  }
}
