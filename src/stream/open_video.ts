import { type FormatContext, Frame as AvFrame, type Stream } from "node-av/lib";
import { MediaError, OptionError } from "../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { refuseHighDepth } from "./colour.ts";
import { describeVideo } from "./describe_video.ts";
import { openContainer } from "./open_container.ts";
import { RgbFrames } from "./rgb_frames.ts";
import { tellShortness } from "./tell_shortness.ts";
import { presentationTime, VideoDecoder } from "./video_decoder.ts";
import { beginningOf, videoStream } from "./video_stream.ts";

/** Options of {@linkcode openVideo}. */
export interface OpenVideoOptions {
  /** First moment wanted, in seconds from the beginning of the file. @default {0} */
  readonly start?: number;
  /** Seconds wanted from `start`. @default {to the end} */
  readonly duration?: number;
  /** Pictures with more pixels are refused. @default {MAX_PIXELS} */
  readonly maxPixels?: number;
  /** Ends `frames` with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Pixels of the largest picture that is opened unless told otherwise: 16384 x 16384. */
export const MAX_PIXELS = 2 ** 28;

/** Decoded frames waiting to be taken; one is decoded while the frame before is worked on. */
const HIGH_WATER_MARK = 1;

/**
 * Opens a video file. `frames` delivers packed 8-bit RGB in presentation order, decoding only as it is pulled: at
 * most 1 frame waits in it (its high-water mark). The first frame is the first at or after `start`, decoded from
 * the keyframe before; the last is the last before `start` + `duration`. Interlaced pictures come whole, lines of both
 * fields together.
 *
 * A file that is cut off or damaged ends `frames` where nothing more can be decoded, with {@linkcode FrameSource.damage}
 * set. So is it when the decoder noticed that it had to guess parts of a frame: those of H.264, MPEG-2 and MPEG-4 notice
 * most, those of HEVC, VP9 and AV1 tell of nothing. The caller disposes the source, which closes the file.
 *
 * @throws {MediaError} if the file cannot be read, holds no video, is HDR or needs more than 8 bits a sample.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openVideo(path: string, options: OpenVideoOptions = {}): Promise<FrameSource> {
  const { maxPixels = MAX_PIXELS, signal } = options;
  checkRange(options);
  signal?.throwIfAborted();
  const container = await openContainer(path);
  try {
    const stream = videoStream(container, path);
    refusePixels(path, stream.codecpar.width, stream.codecpar.height, maxPixels);
    refuseHighDepth(path, stream.codecpar);
    const decoder = await VideoDecoder.open(container, stream, path);
    const info = describeVideo(container, stream, path, options);
    return new VideoSource(info, container, stream, decoder, signal);
  } catch (error) {
    await container.closeInput();
    throw error;
  }
}

/** @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number. */
export function checkRange({ start = 0, duration }: OpenVideoOptions): void {
  if (!(start >= 0 && start < Infinity)) throw new OptionError(`start is ${start}, wanted seconds from 0`);
  if (duration !== undefined && !(duration > 0)) {
    throw new OptionError(`duration is ${duration}, wanted seconds above 0`);
  }
}

/**
 * The first time at or after so many seconds, in units of `timeBase`. A microsecond is forgiven: FFmpeg rounds the time at
 * which a file begins to whole ones, and its first frame must not be too early for it.
 */
export function timeAt(seconds: number, { num, den }: MediaInfo["timeBase"]): bigint {
  return BigInt(Math.ceil((seconds - 1e-6) * den / num));
}

/** @throws {MediaError} if a stream's pictures have no size, or more than `most` pixels. */
export function refusePixels(path: string, width: number, height: number, most: number): void {
  if (width * height > most) {
    throw new MediaError(path, `Its pictures are ${width}x${height}; wanted at most ${most} pixels`);
  }
  if (width < 1 || height < 1) {
    throw new MediaError(path, "Its video stream has no size; wanted a complete video");
  }
}

/** When a frame is shown, and for how long, in the stream's units. */
interface Times {
  readonly pts: bigint;
  readonly duration: bigint;
}

class VideoSource implements FrameSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  readonly #container: FormatContext;
  readonly #stream: Stream;
  readonly #decoder: VideoDecoder;
  readonly #pictures: RgbFrames;
  readonly #decoded = new AvFrame();
  /** First pts wanted, and the first not wanted any more, in the stream's units. */
  readonly #from: bigint;
  readonly #until: bigint | undefined;
  readonly #signal: AbortSignal | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #fail: ((error: unknown) => void) | undefined;
  /** Times of the frame decoded last, wanted or not, and of the one delivered last. */
  #now: Times | undefined;
  #last: Times | undefined;
  #delivered = 0;
  /** Delivered frames of which the decoder had to guess parts. */
  #guessed = 0;
  #short: string | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    info: MediaInfo,
    container: FormatContext,
    stream: Stream,
    decoder: VideoDecoder,
    signal: AbortSignal | undefined,
  ) {
    [this.info, this.#container, this.#stream, this.#decoder] = [info, container, stream, decoder];
    this.#signal = signal;
    this.#pictures = new RgbFrames(info.path, stream.codecpar);
    this.#decoded.alloc();
    const { start, duration } = info.range ?? { start: 0 };
    const beginning = beginningOf(container);
    const { timeBase } = info;
    this.#from = info.range ? timeAt(beginning + start, timeBase) : -(2n ** 63n);
    this.#until = duration === undefined ? undefined : timeAt(beginning + start + duration, timeBase);
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#close(),
    }, { highWaterMark: HIGH_WATER_MARK });
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get damage(): string | undefined {
    const guessed = this.#guessed > 0
      ? `Damaged frames, parts of which had to be guessed: ${this.#guessed}`
      : undefined;
    return [this.#decoder.damage, guessed, this.#short].filter((what) => what !== undefined).join("; ") ||
      undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed === undefined) this.#fail?.(new MediaError(this.info.path, "The source was disposed"));
    await this.#close();
  }

  readonly #abort = () => {
    this.#fail?.(this.#signal?.reason);
    // Disposing reports what goes wrong here; an abort has nobody to tell.
    this.#close().catch(() => {});
  };

  #close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#container.interrupt();
    // FFmpeg works on another thread: nothing may be freed under it. Its failure was the stream's, already told.
    await this.#busy.catch(() => {});
    this.#decoder[Symbol.dispose]();
    this.#pictures[Symbol.dispose]();
    this.#decoded.free();
    await this.#container.closeInput();
  }

  async #pull(controller: ReadableStreamDefaultController<Frame>): Promise<void> {
    if (this.#closed) return;
    const next = this.#next();
    this.#busy = next;
    const frame = await next.catch((error) => {
      if (!this.#closed) throw error;
    });
    if (this.#closed) return;
    if (frame) controller.enqueue(frame);
    else controller.close();
  }

  async #next(): Promise<Frame | undefined> {
    const times = this.#last === undefined ? await this.#first() : await this.#advance();
    if (times === undefined) {
      this.#short = await tellShortness(this.info, this.#container, this.#stream, {
        last: this.#now,
        frames: this.#delivered,
        furthest: this.#decoder.furthest,
      });
      return undefined;
    }
    if (this.#until !== undefined && times.pts >= this.#until) return undefined;
    if (this.#decoded.decodeErrorFlags !== 0) this.#guessed++;
    this.#last = times;
    this.#delivered++;
    return { ...await this.#pictures.convert(this.#decoded), ...times };
  }

  /** Decodes the next frame. Where nothing says its time, as in raw streams, it follows the one before. */
  async #advance(): Promise<Times | undefined> {
    if (this.#closed || !await this.#decoder.next(this.#decoded)) return undefined;
    const before = this.#now;
    const pts = presentationTime(this.#decoded) ?? (before ? before.pts + (before.duration || 1n) : 0n);
    this.#now = { pts, duration: this.#decoded.duration };
    return this.#now;
  }

  /** Decodes up to the first wanted frame. Seeking is imprecise in some containers: then it starts from further back. */
  async #first(): Promise<Times | undefined> {
    if (this.info.range === undefined || this.info.range.start === 0) return await this.#skipTo(this.#from);
    for (const back of [0, 10]) {
      if (!await this.#decoder.seek(this.#from - timeAt(back, this.info.timeBase))) break;
      const times = await this.#advance();
      if (times !== undefined && times.pts <= this.#from) {
        return times.pts === this.#from ? times : await this.#skipTo(this.#from);
      }
    }
    await this.#decoder.rewind();
    this.#now = undefined;
    return await this.#skipTo(this.#from);
  }

  async #skipTo(from: bigint): Promise<Times | undefined> {
    for (;;) {
      const times = await this.#advance();
      if (times === undefined || times.pts >= from) return times;
    }
  }
}
