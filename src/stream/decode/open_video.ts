import { type FormatContext, Frame as AvFrame, type Stream } from "node-av/lib";
import { AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_NOPTS_VALUE } from "node-av/constants";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";
import { refuseConstantLuminance } from "../ffmpeg/colour.ts";
import { describeVideo } from "../ffmpeg/describe_video.ts";
import { planJobMemory } from "../../job_memory.ts";
import { readOpacity } from "../ffmpeg/opacity.ts";
import { openContainer, openPipe, PIPE, whileInterruptible } from "../ffmpeg/open_container.ts";
import { readHdrMetadata } from "../ffmpeg/hdr_metadata.ts";
import { sampleFormatOf } from "../ffmpeg/sample_format.ts";
import { videoLoad } from "../ffmpeg/video_load.ts";
import { beginningOf, describeStream, isMovingVideo, videoStream } from "../ffmpeg/video_stream.ts";
import { findTruncation } from "../layout/find_truncation.ts";
import { CUT_PACKET } from "../layout/transport_packets.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import {
  checkMemory,
  checkRange,
  checkSize,
  type FrameTime,
  MAX_PIXELS,
  type SourceOptions,
  timeAt,
} from "../source_options.ts";
import { detectTruncation, RECENT_FRAMES } from "./detect_truncation.ts";
import { Deinterlacer } from "./deinterlacer.ts";
import { RgbFrames } from "./rgb_frames.ts";
import { presentationTime, VideoDecoder } from "./video_decoder.ts";

/**
 * Opens a video file. `frames` delivers packed RGB in presentation order, of 8 bits or, for samples of more, of 16, decoding only as it is pulled: at
 * most 1 frame waits in it (its high-water mark). The first frame is the first at or after `start`, decoded from
 * the keyframe before; the last is the last before `start` + `duration`. Interlaced pictures are
 * deinterlaced.
 *
 * A file that is truncated or damaged gives every frame that can be decoded, and then fails `frames` with a
 * {@linkcode DamagedMediaError}; where its size or index shows that, `damage` says so at once. So does one of whose frames the decoder had to conceal parts: those of H.264, MPEG-2 and
 * MPEG-4 report most of it, those of HEVC, VP9 and AV1 report nothing. The caller disposes the source, which closes the file.
 *
 * @throws {MediaError} if the file cannot be read, holds no video, or one of constant-luminance BT.2020, or if its
 * pictures need more memory than there is.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openVideo(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { maxPixels = MAX_PIXELS, memory, eightBits = false, deinterlace = "auto", signal, times } = options;
  checkRange(options);
  checkMemory(options);
  signal?.throwIfAborted();
  await using opening = new AsyncDisposableStack();
  const planFor = ({ codecpar }: Stream) => {
    checkSize(path, codecpar.width, codecpar.height, maxPixels);
    return planJobMemory(path, videoLoad(codecpar, sampleFormatOf(codecpar)), memory);
  };
  const check = (opened: FormatContext) => {
    // Streams of some containers are known only once packets of them were read.
    const isKnown = ({ codecpar }: Stream) => codecpar.width > 0;
    const videos = opened.streams.filter(isMovingVideo);
    if (videos.length > 0 && videos.every(isKnown)) planFor(videoStream(opened, path));
  };
  const container = opening.adopt(
    path === PIPE ? await openPipe({ signal, check }) : await openContainer(path, { signal, check }),
    (opened) => opened.closeInput(),
  );
  const stream = videoStream(container, path);
  const { decoderThreads } = planFor(stream);
  const decoder = opening.use(await VideoDecoder.open(container, stream, path, decoderThreads));
  const first = await whileInterruptible(container, signal, () => decoder.peek());
  const samples = sampleFormatOf(first ?? stream.codecpar);
  refuseConstantLuminance(path, samples);
  const deinterlacer = opening.use(new Deinterlacer(path, deinterlace));
  const pictures = opening.use(new RgbFrames(path, stream.codecpar, samples));
  const hdr = readHdrMetadata(stream, first);
  const described = describeVideo(container, stream, path, options);
  const range = times && rangeOf(times, container, described);
  const info = { ...described, samples, ...(hdr && { hdr }), ...(range && { range }) };
  const delay = reorderDelay(container, stream, first);
  const format = container.iformat?.name ?? "";
  const line = path === PIPE
    ? undefined
    : await findTruncation(path, format, container.streams.map(({ id }) => id));
  signal?.throwIfAborted();
  // A whole transport stream may seem to end inside a frame by chance. Some decoders notice a cut frame, and so prove it.
  const isCertain = format !== "mpegts" || line?.endsWith(CUT_PACKET) ||
    !NOTICING_CODECS.includes(stream.codecpar.codecId);
  const truncation = { line, isCertain };
  const video = {
    container,
    stream,
    decoder,
    deinterlacer,
    pictures,
    delay,
    truncation,
    hasFrames: first !== undefined,
    eightBits,
    times,
  };
  const reader = new VideoReader(info, video, opening.move());
  return new OwnedSource(info, reader, { signal });
}

/** Codecs whose decoders report a frame of which the end is missing. */
const NOTICING_CODECS: readonly number[] = [AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4];

/**
 * How much too late FFmpeg takes the frames of a container to be that counts them as they are decoded, in the stream's
 * units: it gives the first one the time at which its decoder lets it out.
 */
function reorderDelay(container: FormatContext, { startTime }: Stream, first: AvFrame | undefined): bigint {
  const time = first && presentationTime(first);
  const isCounted = container.iformat?.name === "avi" && startTime !== AV_NOPTS_VALUE;
  return isCounted && time !== undefined && time > startTime ? time - startTime : 0n;
}

/** How much earlier to seek, in seconds, when a container seeks to a place behind the requested one. */
const SEEK_BACK_SECONDS = [0, 10, 60];

/** What a video is read with. */
interface OpenedVideo {
  readonly container: FormatContext;
  readonly stream: Stream;
  readonly decoder: VideoDecoder;
  readonly deinterlacer: Deinterlacer;
  readonly pictures: RgbFrames;
  readonly eightBits: boolean;
  /** What is subtracted from the times that FFmpeg gives frames, in the stream's units. */
  readonly delay: bigint;
  /** What the lengths in the file itself show to be missing at its end, and whether they alone prove it. */
  readonly truncation: { readonly line: string | undefined; readonly isCertain: boolean };
  /** Whether any frame can be decoded. */
  readonly hasFrames: boolean;
  /** The frames to deliver, by their times; by the range of the source if absent. */
  readonly times: SourceOptions["times"];
}

/** Seconds, from the beginning of a file, in which frames of these times lie. */
function rangeOf(
  { from, until }: NonNullable<SourceOptions["times"]>,
  container: FormatContext,
  { timeBase: { num, den } }: MediaInfo,
): NonNullable<MediaInfo["range"]> {
  const start = Number(from) * num / den - beginningOf(container);
  return { start: Math.max(0, start), duration: Number(until - from) * num / den };
}

/** Reads the frames of a range of a video file. */
class VideoReader implements FrameReader {
  readonly #info: MediaInfo;
  readonly #video: OpenedVideo;
  readonly #resources: AsyncDisposableStack;
  readonly #decoded: AvFrame;
  /** First time of the range, and the first after it, in the stream's units. */
  readonly #from: bigint;
  readonly #until: bigint | undefined;
  /** Time of the frame that was decoded last, in the range or not. */
  #last: FrameTime | undefined;
  /** Times of the frames decoded last. */
  readonly #recent: bigint[] = [];
  #delivered = 0;
  /** Delivered frames of which the decoder had to conceal parts. */
  #concealed = 0;
  #truncation: string | undefined;
  #isInterrupted = false;
  #isAtEnd = false;

  /** @param resources what `video` is made of; freed with the reader */
  constructor(info: MediaInfo, video: OpenedVideo, resources: AsyncDisposableStack) {
    [this.#info, this.#video, this.#resources] = [info, video, resources];
    this.#decoded = resources.adopt(new AvFrame(), (frame) => frame.free());
    this.#decoded.alloc();
    const { start, duration } = info.range ?? { start: 0 };
    const beginning = beginningOf(video.container);
    const { timeBase } = info;
    this.#from = video.times?.from ?? (info.range ? timeAt(beginning + start, timeBase) : -(2n ** 63n));
    this.#until = video.times?.until ??
      (duration === undefined ? undefined : timeAt(beginning + start + duration, timeBase));
    video.decoder.until = this.#until;
  }

  get notes(): readonly string[] {
    const { container, stream, deinterlacer: { note } } = this.#video;
    const others = container.streams.filter(({ index }) => index !== stream.index);
    const unread = this.#info.path === PIPE
      ? others.map((other) =>
        `Stream ${other.index} (${describeStream(other)}) is left out: a pipe is read once`
      )
      : [];
    return note === undefined ? unread : [note, ...unread];
  }

  get damage(): string | undefined {
    const concealed = this.#concealed > 0
      ? `Damaged frames, parts of which had to be concealed: ${this.#concealed}`
      : undefined;
    const { decoder, hasFrames, truncation: { line, isCertain } } = this.#video;
    // That no frame is left says more.
    if (!hasFrames && !this.#isAtEnd) return undefined;
    // A range may end before what is missing.
    const isKnown = isCertain && !this.#info.range;
    const truncation = this.#truncation ?? (isKnown ? line : undefined);
    const found = [decoder.damage, concealed, truncation].filter((what) => what !== undefined);
    return found.length > 0 ? found.join("; ") : undefined;
  }

  async next(): Promise<Frame | undefined> {
    const time = this.#delivered === 0 ? await this.#first() : await this.#advance();
    if (time === undefined) {
      const { container, stream, decoder, truncation: { line, isCertain } } = this.#video;
      this.#isAtEnd = true;
      const isNoticed = this.#concealed > 0 || decoder.damage !== undefined;
      this.#truncation = detectTruncation(this.#info, container, stream, {
        last: this.#last,
        frames: this.#delivered,
        recent: this.#recent,
        furthest: decoder.furthest,
      }) ?? (isCertain || isNoticed ? line : undefined);
      return undefined;
    }
    if (this.#until !== undefined && time.pts >= this.#until) return undefined;
    if (this.#decoded.decodeErrorFlags !== 0) this.#concealed++;
    this.#delivered++;
    const { pictures, eightBits } = this.#video;
    const picture = eightBits
      ? await pictures.convertToBytes(this.#decoded)
      : await pictures.convert(this.#decoded);
    const alpha = readOpacity(this.#decoded, picture.data instanceof Uint16Array ? 16 : 8);
    return { ...picture, ...(alpha && { alpha }), ...time };
  }

  interrupt(): void {
    this.#isInterrupted = true;
    this.#video.container.interrupt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Decodes the next frame. Where nothing says its time, as in raw streams, it follows the one before. */
  async #advance(): Promise<FrameTime | undefined> {
    const { decoder, deinterlacer } = this.#video;
    if (this.#isInterrupted || !await deinterlacer.next(this.#decoded, (frame) => decoder.next(frame))) {
      return undefined;
    }
    const before = this.#last;
    const time = presentationTime(this.#decoded);
    const next = before ? before.pts + (before.duration || 1n) : 0n;
    const pts = time === undefined ? next : time - this.#video.delay;
    this.#last = { pts, duration: this.#decoded.duration };
    this.#recent.push(pts);
    if (this.#recent.length > RECENT_FRAMES) this.#recent.shift();
    return this.#last;
  }

  /** Decodes up to the first frame of the range. Seeking is imprecise in some containers: then it starts from further back. */
  async #first(): Promise<FrameTime | undefined> {
    if (this.#info.range === undefined || this.#info.range.start === 0) return await this.#skipTo(this.#from);
    for (const back of SEEK_BACK_SECONDS) {
      if (!await this.#video.decoder.seek(this.#from - timeAt(back, this.#info.timeBase))) break;
      this.#video.deinterlacer.reset();
      const time = await this.#advance();
      if (time !== undefined && time.pts <= this.#from) {
        return time.pts === this.#from ? time : await this.#skipTo(this.#from);
      }
    }
    await this.#video.decoder.rewind();
    this.#video.deinterlacer.reset();
    this.#last = undefined;
    return await this.#skipTo(this.#from);
  }

  async #skipTo(from: bigint): Promise<FrameTime | undefined> {
    for (;;) {
      const time = await this.#advance();
      if (time === undefined || time.pts >= from) return time;
    }
  }
}
