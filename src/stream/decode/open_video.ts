import { type FormatContext, Frame as AvFrame, type Stream } from "node-av/lib";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";
import { refuseHighDepth } from "../ffmpeg/colour.ts";
import { describeVideo } from "../ffmpeg/describe_video.ts";
import { openContainer } from "../ffmpeg/open_container.ts";
import { beginningOf, videoStream } from "../ffmpeg/video_stream.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import {
  checkRange,
  checkSize,
  type FrameTime,
  MAX_PIXELS,
  type SourceOptions,
  timeAt,
} from "../source_options.ts";
import { detectTruncation } from "./detect_truncation.ts";
import { RgbFrames } from "./rgb_frames.ts";
import { presentationTime, VideoDecoder } from "./video_decoder.ts";

/**
 * Opens a video file. `frames` delivers packed 8-bit RGB in presentation order, decoding only as it is pulled: at
 * most 1 frame waits in it (its high-water mark). The first frame is the first at or after `start`, decoded from
 * the keyframe before; the last is the last before `start` + `duration`. Interlaced pictures come whole, lines of both
 * fields together.
 *
 * A file that is truncated or damaged gives every frame that can be decoded, and then fails `frames` with a
 * {@linkcode DamagedMediaError}. So does one of whose frames the decoder had to conceal parts: those of H.264, MPEG-2 and
 * MPEG-4 report most of it, those of HEVC, VP9 and AV1 report nothing. The caller disposes the source, which closes the file.
 *
 * @throws {MediaError} if the file cannot be read, holds no video, is HDR or needs more than 8 bits a sample.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openVideo(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { maxPixels = MAX_PIXELS, signal, times } = options;
  checkRange(options);
  signal?.throwIfAborted();
  await using opening = new AsyncDisposableStack();
  const container = opening.adopt(await openContainer(path, signal), (opened) => opened.closeInput());
  const stream = videoStream(container, path);
  checkSize(path, stream.codecpar.width, stream.codecpar.height, maxPixels);
  refuseHighDepth(path, stream.codecpar);
  const decoder = opening.use(await VideoDecoder.open(container, stream, path));
  const pictures = opening.use(new RgbFrames(path, stream.codecpar));
  signal?.throwIfAborted();
  const described = describeVideo(container, stream, path, options);
  const info = options.times
    ? { ...described, range: rangeOf(options.times, container, described) }
    : described;
  const reader = new VideoReader(info, { container, stream, decoder, pictures, times }, opening.move());
  return new OwnedSource(info, reader, { signal });
}

/** How much earlier to seek, in seconds, where a container led to a place behind the wanted one. */
const SEEK_BACK_SECONDS = [0, 10, 60];

/** What a video is read with. */
interface OpenedVideo {
  readonly container: FormatContext;
  readonly stream: Stream;
  readonly decoder: VideoDecoder;
  readonly pictures: RgbFrames;
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
  #delivered = 0;
  /** Delivered frames of which the decoder had to conceal parts. */
  #concealed = 0;
  #truncation: string | undefined;
  #isInterrupted = false;

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

  get damage(): string | undefined {
    const concealed = this.#concealed > 0
      ? `Damaged frames, parts of which had to be concealed: ${this.#concealed}`
      : undefined;
    const found = [this.#video.decoder.damage, concealed, this.#truncation].filter((what) =>
      what !== undefined
    );
    return found.length > 0 ? found.join("; ") : undefined;
  }

  async next(): Promise<Frame | undefined> {
    const time = this.#delivered === 0 ? await this.#first() : await this.#advance();
    if (time === undefined) {
      const { container, stream, decoder } = this.#video;
      this.#truncation = await detectTruncation(this.#info, container, stream, {
        last: this.#last,
        frames: this.#delivered,
        furthest: decoder.furthest,
      });
      return undefined;
    }
    if (this.#until !== undefined && time.pts >= this.#until) return undefined;
    if (this.#decoded.decodeErrorFlags !== 0) this.#concealed++;
    this.#delivered++;
    return { ...await this.#video.pictures.convert(this.#decoded), ...time };
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
    if (this.#isInterrupted || !await this.#video.decoder.next(this.#decoded)) return undefined;
    const before = this.#last;
    const pts = presentationTime(this.#decoded) ?? (before ? before.pts + (before.duration || 1n) : 0n);
    this.#last = { pts, duration: this.#decoded.duration };
    return this.#last;
  }

  /** Decodes up to the first frame of the range. Seeking is imprecise in some containers: then it starts from further back. */
  async #first(): Promise<FrameTime | undefined> {
    if (this.#info.range === undefined || this.#info.range.start === 0) return await this.#skipTo(this.#from);
    for (const back of SEEK_BACK_SECONDS) {
      if (!await this.#video.decoder.seek(this.#from - timeAt(back, this.#info.timeBase))) break;
      const time = await this.#advanceToKey();
      if (time !== undefined && time.pts <= this.#from) {
        return time.pts === this.#from ? time : await this.#skipTo(this.#from);
      }
    }
    await this.#video.decoder.rewind();
    this.#last = undefined;
    return await this.#skipTo(this.#from);
  }

  /**
   * The first keyframe, or the first frame beyond the beginning of the range. Frames before a keyframe may refer to others that were
   * not read, and look wrong; those after it do not.
   */
  async #advanceToKey(): Promise<FrameTime | undefined> {
    for (;;) {
      const time = await this.#advance();
      if (time === undefined || this.#decoded.keyFrame !== 0 || time.pts > this.#from) return time;
    }
  }

  async #skipTo(from: bigint): Promise<FrameTime | undefined> {
    for (;;) {
      const time = await this.#advance();
      if (time === undefined || time.pts >= from) return time;
    }
  }
}
