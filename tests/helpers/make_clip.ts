import {
  type AVColorPrimaries,
  type AVColorRange,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  type AVPixelFormat,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  type FFEncoderCodec,
} from "node-av/constants";
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_SUBRIP,
  AV_LOG_QUIET,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_SAMPLE_FMT_FLTP,
  AVFMT_GLOBALHEADER,
  AVMEDIA_TYPE_SUBTITLE,
} from "node-av/constants";
import { Buffer } from "node:buffer";
import {
  avGetPixFmtName,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  type Stream,
} from "node-av/lib";
import { generatedFrames } from "./generated_frames.ts";

// Encoders tell their settings otherwise.
Log.setLevel(AV_LOG_QUIET);

/** What a made clip is like. */
export interface ClipOptions {
  /** @default {48} */
  readonly width?: number;
  /** @default {32} */
  readonly height?: number;
  /** Times of the frames in units of 1/`ticks` s; x265 needs three to know its delay. @default {10 frames, 25 a second} */
  readonly pts?: readonly number[];
  /** @default {25} */
  readonly ticks?: number;
  /** @default {FF_ENCODER_LIBX264} */
  readonly encoder?: FFEncoderCodec;
  /** Options of the encoder. @default {lossless x264; x265 that keeps to its memory at 48 pixels} */
  readonly encoderOptions?: Readonly<Record<string, string>>;
  /** @default {AV_PIX_FMT_YUV420P} */
  readonly pixelFormat?: AVPixelFormat;
  /** Frames between keyframes. @default {12} */
  readonly gop?: number;
  readonly matrix?: AVColorSpace;
  readonly range?: AVColorRange;
  readonly primaries?: AVColorPrimaries;
  readonly transfer?: AVColorTransferCharacteristic;
  readonly sampleAspect?: readonly [number, number];
  /** Turns a player a quarter clockwise. @default {false} */
  readonly rotated?: boolean;
  /** Only the sound. @default {false} */
  readonly withoutVideo?: boolean;
  /** Seconds of a 440 Hz sine, as AAC with its priming; 0 for none. @default {0} */
  readonly audioSeconds?: number;
  /** Text from one second to another, as SubRip; Matroska holds it. */
  readonly subtitles?: readonly (readonly [text: string, from: number, to: number])[];
  /** Tags of the file. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Options of the muxer. */
  readonly muxerOptions?: Readonly<Record<string, string>>;
  /** One of FFmpeg's generators ("testsrc2=d=1:r=25") instead of `sample`; `width`, `height` and `pts` are not its own. */
  readonly generator?: string;
  /** A chain of FFmpeg's filters behind the generator. */
  readonly filters?: string;
  /** Sample of plane `plane` at (x, y) of frame `t`. @default {smooth gradients that move} */
  readonly sample?: (plane: number, x: number, y: number, t: number) => number;
}

const DEFAULT_OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [FF_ENCODER_LIBX264]: { qp: "0", preset: "ultrafast", bf: "2" },
  [FF_ENCODER_LIBX265]: { "x265-params": "log-level=none:cutree=0" },
};

/** Writes a small clip with FFmpeg directly, through none of the code under test. */
export async function makeClip(path: string, options: ClipOptions = {}): Promise<void> {
  const { audioSeconds = 0, tags = {}, muxerOptions = {} } = options;
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, `file:${path}`));
  const globalHeader = output.oformat?.hasFlags(AVFMT_GLOBALHEADER) ?? false;
  const video = await videoEncoder(options, globalHeader);
  const videoStream = options.withoutVideo ? undefined : addStream(output, video);
  if (options.rotated) videoStream?.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, quarterTurn());
  if (options.sampleAspect && videoStream) {
    videoStream.sampleAspectRatio = new Rational(...options.sampleAspect);
  }
  const audio = audioSeconds > 0 ? await audioEncoder(globalHeader) : undefined;
  const audioStream = audio ? addStream(output, audio) : undefined;
  const subtitleStream = options.subtitles ? addSubtitles(output) : undefined;
  output.metadata = Dictionary.fromObject(tags);
  must(await output.openOutput());
  must(await output.writeHeader(Dictionary.fromObject(muxerOptions)));
  if (videoStream) {
    await encode(output, videoStream, video, options.generator ? generated(options) : pictures(options));
  }
  if (audio && audioStream) await encode(output, audioStream, audio, sine(audioSeconds));
  if (subtitleStream) await writeSubtitles(output, subtitleStream, options.subtitles ?? []);
  must(await output.writeTrailer());
  await output.closeOutput();
  output.freeContext();
  video.freeContext();
  audio?.freeContext();
}

async function videoEncoder(options: ClipOptions, globalHeader: boolean): Promise<CodecContext> {
  const { encoder = FF_ENCODER_LIBX264, ticks = 25, gop = 12 } = options;
  const { encoderOptions = DEFAULT_OPTIONS[encoder] ?? {} } = options;
  const context = newContext(encoder, globalHeader);
  context.width = options.width ?? 48;
  context.height = options.height ?? 32;
  context.pixelFormat = options.pixelFormat ?? AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, ticks);
  context.framerate = new Rational(25, 1);
  context.gopSize = gop;
  context.threadCount = 1;
  if (options.matrix !== undefined) context.colorSpace = options.matrix;
  if (options.range !== undefined) context.colorRange = options.range;
  if (options.primaries !== undefined) context.colorPrimaries = options.primaries;
  if (options.transfer !== undefined) context.colorTrc = options.transfer;
  if (options.sampleAspect) context.sampleAspectRatio = new Rational(...options.sampleAspect);
  must(await context.open2(null, Dictionary.fromObject(encoderOptions)));
  return context;
}

async function audioEncoder(globalHeader: boolean): Promise<CodecContext> {
  const context = newContext(FF_ENCODER_AAC, globalHeader);
  context.sampleRate = 48000;
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.channelLayout = AV_CHANNEL_LAYOUT_MONO;
  context.timeBase = new Rational(1, 48000);
  must(await context.open2(null, null));
  return context;
}

function newContext(name: FFEncoderCodec, globalHeader: boolean): CodecContext {
  const codec = Codec.findEncoderByName(name);
  if (codec === null) throw new Error(`No encoder ${name}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  if (globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  return context;
}

function addStream(output: FormatContext, encoder: CodecContext): Stream {
  const stream = output.newStream(null);
  must(stream.codecpar.fromContext(encoder));
  stream.timeBase = encoder.timeBase;
  return stream;
}

function addSubtitles(output: FormatContext): Stream {
  const stream = output.newStream(null);
  stream.codecpar.codecType = AVMEDIA_TYPE_SUBTITLE;
  stream.codecpar.codecId = AV_CODEC_ID_SUBRIP;
  stream.timeBase = new Rational(1, 1000);
  return stream;
}

async function writeSubtitles(
  output: FormatContext,
  stream: Stream,
  subtitles: NonNullable<ClipOptions["subtitles"]>,
) {
  for (const [text, from, to] of subtitles) {
    using packet = new Packet();
    packet.alloc();
    packet.data = Buffer.from(text);
    packet.streamIndex = stream.index;
    packet.pts = packet.dts = BigInt(Math.round(from * 1000));
    packet.duration = BigInt(Math.round((to - from) * 1000));
    packet.rescaleTs(new Rational(1, 1000), stream.timeBase);
    must(await output.interleavedWriteFrame(packet));
  }
}

async function encode(
  output: FormatContext,
  stream: Stream,
  encoder: CodecContext,
  frames: Iterable<Frame> | AsyncIterable<Frame>,
) {
  using packet = new Packet();
  packet.alloc();
  const durations = new Map<bigint, bigint>();
  const send = async (frame: Frame | null) => {
    if (frame?.isVideo()) durations.set(frame.pts, frame.duration);
    must(await encoder.sendFrame(frame));
    frame?.free();
    while (await encoder.receivePacket(packet) >= 0) {
      packet.duration = durations.get(packet.pts) ?? packet.duration;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      packet.streamIndex = stream.index;
      must(await output.interleavedWriteFrame(packet));
    }
  };
  for await (const frame of frames) await send(frame);
  await send(null);
}

async function* generated(options: ClipOptions): AsyncIterable<Frame> {
  const { generator = "", filters, width = 48, height = 32, pixelFormat = AV_PIX_FMT_YUV420P, pts } = options;
  const sized = `${generator}${generator.includes("=") ? ":" : "="}s=${width}x${height}`;
  const source = filters === undefined ? sized : `${sized},${filters}`;
  let t = 0;
  for await (const frame of generatedFrames(source, pixelFormat)) {
    frame.pts = BigInt(pts?.[t] ?? t);
    frame.duration = BigInt((pts?.[t + 1] ?? Number(frame.pts) + 1) - Number(frame.pts));
    t++;
    yield frame;
    if (t === pts?.length) return;
  }
}

function* pictures(options: ClipOptions): Iterable<Frame> {
  const { width = 48, height = 32, pixelFormat = AV_PIX_FMT_YUV420P, sample = gradient } = options;
  const { pts = Array.from({ length: 10 }, (_, i) => i) } = options;
  const name = avGetPixFmtName(pixelFormat) ?? "";
  const bytes = /\d{2}le$/.test(name) ? 2 : 1;
  const [across, down] = /420/.test(name) ? [2, 2] : /422/.test(name) ? [2, 1] : [1, 1];
  for (const [t, time] of pts.entries()) {
    const values: number[] = [];
    for (let plane = 0; plane < (name.startsWith("gray") ? 1 : 3); plane++) {
      const [w, h] = plane === 0 ? [width, height] : [Math.ceil(width / across), Math.ceil(height / down)];
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
          const value = sample(plane, plane === 0 ? x : x * across, plane === 0 ? y : y * down, t);
          values.push(value & 255, ...(bytes === 2 ? [value >> 8] : []));
        }
      }
    }
    const frame = owned(Frame.fromVideoBuffer(Buffer.from(values), { width, height, format: pixelFormat }));
    frame.pts = BigInt(time);
    const next = pts[t + 1];
    frame.duration = BigInt(next === undefined ? 1 : next - time);
    yield frame;
  }
}

/** A frame made from a buffer points into it without owning it; this copy has its own memory. */
function owned(borrowed: Frame): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = borrowed.format;
  frame.width = borrowed.width;
  frame.height = borrowed.height;
  frame.nbSamples = borrowed.nbSamples;
  frame.sampleRate = borrowed.sampleRate;
  frame.channelLayout = borrowed.channelLayout;
  must(frame.getBuffer(0));
  must(frame.copy(borrowed));
  borrowed.free();
  return frame;
}

/** Smooth, inside RGB's gamut in every matrix, and different in every frame. */
function gradient(plane: number, x: number, y: number, t: number): number {
  return Math.round(plane === 0 ? 90 + x + y / 2 + (7 * t) % 40 : plane === 1 ? 118 + x / 3 : 140 - y / 4);
}

function* sine(seconds: number): Iterable<Frame> {
  for (let first = 0; first < seconds * 48000; first += 1024) {
    const samples = Float32Array.from(
      { length: 1024 },
      (_, i) => 0.5 * Math.sin((first + i) * 440 * 2 * Math.PI / 48000),
    );
    const frame = owned(Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
      nbSamples: 1024,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate: 48000,
      channelLayout: AV_CHANNEL_LAYOUT_MONO,
    }));
    frame.pts = BigInt(first);
    yield frame;
  }
}

/** A display matrix that turns by 90 degrees clockwise. */
function quarterTurn(): Buffer {
  const matrix = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30];
  return Buffer.from(Int32Array.from(matrix).buffer);
}

function must(result: number): void {
  if (result < 0) throw new Error(FFmpegError.strerror(result));
}
