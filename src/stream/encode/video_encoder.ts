import {
  avGetPixFmtName,
  CodecContext,
  Dictionary,
  FFmpegError,
  type Frame as AvFrame,
  Packet,
  Rational,
} from "node-av/lib";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_NOPTS_VALUE,
  AV_PIX_FMT_BGRA,
  AV_PIX_FMT_PAL8,
  type AVChromaLocation,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT709,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  AVERROR_EOF,
  type AVPixelFormat,
} from "node-av/constants";
import { MediaError } from "../../errors.ts";
import { type Frame, freePicture } from "../../frame.ts";
import { type Colour, colourOf, isRgb } from "../ffmpeg/colour.ts";
import { CodedPicture } from "../ffmpeg/coded_picture.ts";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { hasOpacity, writeOpacity } from "../ffmpeg/opacity.ts";
import { rangeTag } from "../ffmpeg/sample_format.ts";
import { describePixelFormat } from "../ffmpeg/pixel_format.ts";
import { exactParameters } from "../packets/exact_parameters.ts";
import { fitEncoder, type FittedEncoder } from "./fit_encoder.ts";
import { hdrParameters } from "./hdr_options.ts";
import type { StreamTemplate } from "./stream_template.ts";
import type { WrittenCodec } from "../video_codecs.ts";
import { PaletteFilter } from "../animation/palette_filter.ts";
import { encoderOf, encoderOptions, outputPixelFormat } from "./video_codec.ts";

/** What {@linkcode VideoEncoder.open} needs to know. */
export interface VideoEncoderOptions {
  readonly codec: WrittenCodec;
  readonly crf: number;
  readonly lossless: boolean;
  /** Bytes that it may take. */
  readonly memory: number;
  /**
   * Threads and look-ahead, on which depends what is written; with them the same frames give the same bytes on any machine.
   * @default {those that fit the memory; then the same bytes only with as much memory and as many processors}
   */
  readonly exact?: FittedEncoder | undefined;
  /** Whether the container says when a frame is shown, and not only when it is decoded. */
  readonly reorder: boolean;
  /** Whether the container holds the opacity of this codec. */
  readonly holdsOpacity: boolean;
  /** Whether the container wants codec headers in front. */
  readonly globalHeader: boolean;
  readonly template: StreamTemplate;
}

/** Pixels, of both. */
const WEBP_SIDE = 16_383;

const OPACITY_HELP = "write VP9 to .webm or .mkv, FFV1 to .mkv, ProRes or PNG to .mov to keep it";

/** Encodes RGB frames as one video stream that is like its template. Dispose it. */
export class VideoEncoder implements Disposable {
  readonly context = new CodecContext();
  /** What differs from the template, one line each. */
  readonly notes: string[] = [];
  readonly #path: string;
  readonly #colour: Colour;
  #picture: CodedPicture | undefined;
  /** For an encoder whose frames have few colours. */
  #palettes: PaletteFilter | undefined;
  readonly #packet = new Packet();
  /** Durations of the frames inside the encoder, by pts: not every encoder hands them on. */
  readonly #durations = new Map<bigint, bigint>();
  #frames = 0;
  /** Whether frames are written in the pixel format that they come from. */
  #keepsSamples = false;

  private constructor(path: string, { samples }: StreamTemplate, height: number) {
    this.#path = path;
    this.#colour = colourOf(samples, height);
    this.#packet.alloc();
  }

  /** @throws {MediaError} if the encoder cannot write pictures of this size. */
  static async open(path: string, size: { width: number; height: number }, options: VideoEncoderOptions) {
    const self = new VideoEncoder(path, options.template, size.height);
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
    if (options.codec === "webp" && Math.max(width, height) > WEBP_SIDE) {
      const what = `A WebP has at most ${WEBP_SIDE} pixels a side, and these are ${width}x${height}`;
      throw new MediaError(this.#path, `${what}. Use .apng or .mp4`);
    }
    const { context } = this;
    const { samples, timeBase, frameRate, sampleAspect, hdr } = options.template;
    const { codec, holdsOpacity } = options;
    const isOpaque = !holdsOpacity || !hasOpacity(this.#colour.format);
    // What these encoders convert to by themselves is not told how to: they get RGB.
    const format = codec === "gif" || codec === "webp"
      ? AV_PIX_FMT_BGRA
      : outputPixelFormat(encoder, this.#colour.format, { width, height, isOpaque });
    const [was, is] = [avGetPixFmtName(this.#colour.format), avGetPixFmtName(format)];
    const isSameRgb = isRgb(this.#colour.format) && isRgb(format) &&
      sampleBits(format) === sampleBits(this.#colour.format);
    if (codec === "gif") {
      const opacity = hasOpacity(this.#colour.format) ? ", and opacity is all or nothing" : "";
      this.notes.push(`A GIF has at most 256 colours a frame${opacity}`);
    } else if (hasOpacity(this.#colour.format) && !hasOpacity(format)) {
      this.notes.push(`Opacity is lost: ${OPACITY_HELP}`);
    } else if (was !== is && !isSameRgb && codec !== "webp") {
      this.notes.push(
        `Pixel format ${is} instead of ${was}: ${codec} at ${width}x${height} needs it`,
      );
    }
    context.allocContext3(encoder);
    context.width = width;
    context.height = height;
    context.pixelFormat = codec === "gif" ? AV_PIX_FMT_PAL8 : format;
    context.timeBase = timeBase;
    context.framerate = frameRate.num > 0 ? frameRate : new Rational(25, 1);
    context.sampleAspectRatio = sampleAspect;
    context.colorPrimaries = samples.primaries as AVColorPrimaries;
    context.colorTrc = samples.transfer as AVColorTransferCharacteristic;
    context.colorRange = rangeTag(samples.range);
    context.chromaLocation = samples.chromaLocation as AVChromaLocation;
    const becomesYuv = isRgb(this.#colour.format) && !isRgb(format);
    context.colorSpace = becomesYuv ? AVCOL_SPC_BT709 : samples.matrix as AVColorSpace;
    if (this.#colour.range === AVCOL_RANGE_JPEG) context.colorRange = AVCOL_RANGE_JPEG;
    if (options.globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    const { crf, lossless, memory, reorder, exact } = options;
    const sampleBytes = sampleBits(format) > 8 ? 2 : 1;
    const { threads, lookahead } = exact ?? fitEncoder(codec, width * height, sampleBytes, memory);
    context.threadCount = threads;
    if (lookahead !== undefined) {
      this.notes.push(
        `The encoder looks ${lookahead} frames ahead, to keep to the memory: the file is larger`,
      );
    }
    const parameters = [...hdrParameters(codec, hdr), ...await exactParameters(codec, exact !== undefined)];
    const quality = {
      crf,
      lossless,
      width,
      reorder,
      parameters,
      isOpaque,
      ...(lookahead !== undefined && { lookahead }),
    };
    using dictionary = Dictionary.fromObject(encoderOptions(codec, quality));
    const opened = await context.open2(encoder, dictionary);
    if (opened < 0) {
      const attempt = `Cannot encode ${width}x${height} pictures as ${codec}: ${
        FFmpegError.strerror(opened)
      }`;
      throw new MediaError(this.#path, `${attempt}. Use another codec, such as h264`, {
        cause: new FFmpegError(opened),
      });
    }
    const matrix = becomesYuv ? AVCOL_SPC_BT709 : this.#colour.matrix;
    const colour = { ...this.#colour, format, matrix };
    this.#picture = new CodedPicture(this.#path, { width, height, colour, transfer: samples.transfer });
    this.#keepsSamples = was === is;
    if (codec === "gif") this.#palettes = new PaletteFilter(this.#path, this.#picture.frame);
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
    if (this.#picture === undefined) throw new Error("A frame was encoded before the encoder was open");
    const { residue, ...picture } = frame;
    await this.#picture.convert({ ...picture, ...(residue && this.#keepsSamples && { residue }) });
    if (frame.alpha) writeOpacity(this.#picture.frame, frame.alpha);
    freePicture(frame);
    const coded = this.#picture.frame;
    coded.chromaLocation = this.context.chromaLocation;
    coded.pts = frame.pts;
    coded.duration = frame.duration;
    coded.timeBase = this.context.timeBase;
    this.#durations.set(frame.pts, this.durationOf(frame));
    this.#frames++;
    await this.#send(coded, write);
  }

  /** Encodes what is still inside. */
  async flush(write: (packet: Packet) => Promise<void>): Promise<void> {
    if (this.#palettes) await this.#send(null, write);
    ffmpegResult(await this.context.sendFrame(null), this.#path, "finish the video stream");
    await this.#receive(write);
  }

  /** Gives the encoder a frame; with palettes, those that have got theirs. */
  async #send(frame: AvFrame | null, write: (packet: Packet) => Promise<void>): Promise<void> {
    for await (const coded of this.#palettes?.convert(frame) ?? [frame]) {
      ffmpegResult(await this.context.sendFrame(coded), this.#path, "encode a frame");
      await this.#receive(write);
    }
  }

  /** How long a frame is shown. A last frame of no duration would be cut away by players, so it gets what the frame rate says. */
  durationOf({ duration }: Pick<Frame, "duration">): bigint {
    if (duration > 0n) return duration;
    const { framerate, timeBase } = this.context;
    const units = framerate.den * timeBase.den / (framerate.num * timeBase.num);
    return BigInt(Math.max(1, Math.round(units)));
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
    this.#picture?.[Symbol.dispose]();
    this.#palettes?.[Symbol.dispose]();
    this.#packet.free();
  }
}

function sampleBits(format: AVPixelFormat): number {
  return describePixelFormat(format).bits;
}
