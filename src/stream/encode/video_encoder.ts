import {
  avGetPixFmtName,
  CodecContext,
  Dictionary,
  FFmpegError,
  Frame as AvFrame,
  Packet,
  Rational,
} from "node-av/lib";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_NOPTS_VALUE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_RGB48LE,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVERROR_EOF,
} from "node-av/constants";
import { Buffer } from "node:buffer";
import { MediaError } from "../../errors.ts";
import { type Frame, freePicture } from "../../frame.ts";
import { type Colour, colourOf, isRgb } from "../ffmpeg/colour.ts";
import { ColourConverter } from "../ffmpeg/colour_converter.ts";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import type { StreamTemplate } from "./stream_template.ts";
import type { VideoCodec } from "../video_codecs.ts";
import { encoderOf, encoderOptions, outputPixelFormat } from "./video_codec.ts";

/** What {@linkcode VideoEncoder.open} needs to know. */
export interface VideoEncoderOptions {
  readonly codec: VideoCodec;
  readonly crf: number;
  readonly lossless: boolean;
  /** Whether the container wants codec headers in front. */
  readonly globalHeader: boolean;
  /** Threads, on whose number depends what is written; 0 for as many as the encoder thinks fit. */
  readonly threads: number;
  /** Write the same bytes for the same frames every time, with as many threads. */
  readonly isExact: boolean;
  readonly template: StreamTemplate;
}

/** Encodes RGB frames as one video stream that is like its template. Dispose it. */
export class VideoEncoder implements Disposable {
  readonly context = new CodecContext();
  /** What differs from the template, one line each. */
  readonly notes: string[] = [];
  readonly #path: string;
  readonly #converter: ColourConverter;
  readonly #colour: Colour;
  readonly #picture = new AvFrame();
  readonly #packet = new Packet();
  #lent: Buffer | undefined;
  /** Durations of the frames inside the encoder, by pts: not every encoder hands them on. */
  readonly #durations = new Map<bigint, bigint>();
  #frames = 0;

  private constructor(path: string, template: StreamTemplate) {
    this.#path = path;
    this.#converter = new ColourConverter(path, "fromRgb");
    this.#colour = colourOf(template.parameters);
    this.#packet.alloc();
    this.#picture.alloc();
  }

  /** @throws {MediaError} if the encoder cannot write pictures of this size. */
  static async open(path: string, size: { width: number; height: number }, options: VideoEncoderOptions) {
    const self = new VideoEncoder(path, options.template);
    try {
      await self.#open(size, options);
      return self;
    } catch (error) {
      self[Symbol.dispose]();
      throw error;
    }
  }

  async #open(
    { width, height }: { width: number; height: number },
    options: VideoEncoderOptions,
  ): Promise<void> {
    const encoder = encoderOf(options.codec, this.#path);
    const { context } = this;
    const { parameters, timeBase, frameRate, sampleAspect } = options.template;
    const format = outputPixelFormat(encoder, this.#colour.format, width, height);
    const [was, is] = [avGetPixFmtName(this.#colour.format), avGetPixFmtName(format)];
    if (was !== is) {
      this.notes.push(
        `Pixel format ${is} instead of ${was}: ${options.codec} at ${width}x${height} needs it`,
      );
    }
    context.allocContext3(encoder);
    context.width = width;
    context.height = height;
    context.pixelFormat = format;
    context.timeBase = timeBase;
    context.framerate = frameRate.num > 0 ? frameRate : new Rational(25, 1);
    context.sampleAspectRatio = sampleAspect;
    context.colorPrimaries = parameters.colorPrimaries;
    context.colorTrc = parameters.colorTrc;
    context.colorRange = parameters.colorRange;
    context.chromaLocation = parameters.chromaLocation;
    const becomesYuv = isRgb(this.#colour.format) && !isRgb(format);
    context.colorSpace = becomesYuv ? AVCOL_SPC_BT709 : parameters.colorSpace;
    if (this.#colour.range === AVCOL_RANGE_JPEG) context.colorRange = AVCOL_RANGE_JPEG;
    if (options.globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    context.threadCount = options.threads;
    const { codec, crf, lossless, isExact } = options;
    using dictionary = Dictionary.fromObject(encoderOptions(codec, { crf, lossless, width, isExact }));
    const opened = await context.open2(encoder, dictionary);
    if (opened < 0) {
      const attempt = `Cannot encode ${width}x${height} pictures as ${codec}: ${
        FFmpegError.strerror(opened)
      }`;
      throw new MediaError(this.#path, `${attempt}. Use another codec, such as h264`, {
        cause: new FFmpegError(opened),
      });
    }
    this.#preparePicture(becomesYuv);
  }

  #preparePicture(becomesYuv: boolean): void {
    this.#picture.format = this.context.pixelFormat;
    this.#picture.width = this.context.width;
    this.#picture.height = this.context.height;
    this.#picture.colorSpace = becomesYuv ? AVCOL_SPC_BT709 : this.#colour.matrix;
    this.#picture.colorRange = this.#colour.range;
    ffmpegResult(this.#picture.getBuffer(0), this.#path, "get memory for a frame");
  }

  /** Encodes one frame and frees it; `write` gets each packet that is ready, and must be done with it when it resolves. */
  async encode(frame: Frame, write: (packet: Packet) => Promise<void>): Promise<void> {
    const { width, height } = this.context;
    if (frame.width !== width || frame.height !== height) {
      throw new MediaError(
        this.#path,
        `A frame is ${frame.width}x${frame.height}, but the first was ${width}x${height}: a video has one size`,
      );
    }
    ffmpegResult(this.#picture.makeWritable(), this.#path, "get memory for a frame");
    await this.#fromRgb(frame);
    freePicture(frame);
    this.#picture.chromaLocation = this.context.chromaLocation;
    this.#picture.pts = frame.pts;
    this.#picture.duration = frame.duration;
    this.#picture.timeBase = this.context.timeBase;
    this.#durations.set(frame.pts, frame.duration > 0n ? frame.duration : this.#usualDuration());
    ffmpegResult(await this.context.sendFrame(this.#picture), this.#path, "encode a frame");
    this.#frames++;
    await this.#receive(write);
  }

  /** Encodes what is still inside. */
  async flush(write: (packet: Packet) => Promise<void>): Promise<void> {
    ffmpegResult(await this.context.sendFrame(null), this.#path, "finish the video stream");
    await this.#receive(write);
  }

  /** A last frame of no duration would be cut away by players, so it gets what the frame rate says. */
  #usualDuration(): bigint {
    const { framerate, timeBase } = this.context;
    const units = framerate.den * timeBase.den / (framerate.num * timeBase.num);
    return BigInt(Math.max(1, Math.round(units)));
  }

  async #fromRgb({ data, width, height }: Frame): Promise<void> {
    const format = data instanceof Uint16Array ? AV_PIX_FMT_RGB48LE : AV_PIX_FMT_RGB24;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    // The frame points into these bytes without owning them: they must outlive the work on the other thread.
    this.#lent = bytes;
    using rgb = AvFrame.fromVideoBuffer(bytes, { width, height, format });
    rgb.colorSpace = AVCOL_SPC_RGB;
    rgb.colorRange = AVCOL_RANGE_JPEG;
    await this.#converter.convert(rgb, this.#picture);
    this.#lent = undefined;
  }

  async #receive(write: (packet: Packet) => Promise<void>): Promise<void> {
    for (;;) {
      const received = await this.context.receivePacket(this.#packet);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
      ffmpegResult(received, this.#path, "encode a frame");
      const duration = this.#durations.get(this.#packet.pts);
      if (duration !== undefined) this.#packet.duration = duration;
      this.#durations.delete(this.#packet.pts);
      // Two frames have no order but one, and x265, which learns its delay from the third, gives them random times.
      if (this.#packet.dts === AV_NOPTS_VALUE || this.#frames < 3) this.#packet.dts = this.#packet.pts;
      await write(this.#packet);
      this.#packet.unref();
    }
  }

  [Symbol.dispose](): void {
    this.context.freeContext();
    this.#converter[Symbol.dispose]();
    this.#picture.free();
    this.#packet.free();
  }
}
