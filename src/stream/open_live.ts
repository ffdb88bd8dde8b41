import { type FormatContext, Frame as AvFrame, InputFormat, type Stream } from "node-av/lib";
import { MediaError, OptionError } from "../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { refuseHighDepth } from "./colour.ts";
import { describeVideo } from "./describe_video.ts";
import { shownAddress } from "./live_address.ts";
import { openAddress, type OpenAddressOptions } from "./open_container.ts";
import { MAX_PIXELS, refusePixels } from "./open_video.ts";
import { RgbFrames } from "./rgb_frames.ts";
import { presentationTime, VideoDecoder } from "./video_decoder.ts";
import { videoStream } from "./video_stream.ts";

const PATIENCE_SECONDS = 10;

/** A timer of more milliseconds (25 days) would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Options of {@linkcode openLive}. */
export interface OpenLiveOptions {
  /** Seconds after which `frames` ends. @default {when the stream does} */
  readonly duration?: number;
  /** Seconds to wait for a network that does not answer; so many beyond `duration`, for one that falls silent. @default {10} */
  readonly timeoutSeconds?: number;
  /** Pictures with more pixels are refused. @default {MAX_PIXELS} */
  readonly maxPixels?: number;
  /** Ends the waiting and `frames` with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A source that does not wait for its reader. */
export interface LiveSource extends FrameSource {
  /** Frames that came and went while the reader was busy. */
  readonly dropped: number;
  /** Whether `frames` ended because nothing more came, `timeoutSeconds` after `duration` should have been over. */
  readonly fellSilent: boolean;
  /** Ends `frames` after the one on its way, as if the stream had ended: what was written so far can be completed. */
  end(): void;
}

/**
 * Opens a camera (`/dev/video0`) or a network stream (`rtsp://`, `udp://` and `tcp://` with MPEG-TS). This is the one
 * call of the library that reaches a network, and only by the protocol that the address names.
 *
 * `frames` gives the newest frame whenever it is asked for one (high-water mark 0); those that came in between are
 * dropped and counted. Times begin at 0 with the first frame. `info` and errors name the address without what may be
 * secret in it ({@linkcode shownAddress}). The caller disposes the source.
 *
 * @throws {MediaError} if the address is none of these, does not answer, or is not 8-bit video.
 */
export async function openLive(address: string, options: OpenLiveOptions = {}): Promise<LiveSource> {
  const { timeoutSeconds = PATIENCE_SECONDS, maxPixels = MAX_PIXELS, signal, duration } = options;
  if (duration !== undefined && !(duration > 0)) {
    throw new OptionError(`duration is ${duration}, wanted seconds above 0`);
  }
  if (!(timeoutSeconds > 0)) {
    throw new OptionError(`timeoutSeconds is ${timeoutSeconds}, wanted seconds above 0`);
  }
  signal?.throwIfAborted();
  const name = shownAddress(address);
  const container = await open(address, name, timeoutSeconds, signal);
  try {
    const stream = videoStream(container, name);
    refusePixels(name, stream.codecpar.width, stream.codecpar.height, maxPixels);
    refuseHighDepth(name, stream.codecpar);
    const decoder = await VideoDecoder.open(container, stream, name);
    const { frames: _frames, seconds: _seconds, ...known } = describeVideo(container, stream, name, {});
    return new NewestFrames({ ...known, kind: "live" }, container, stream, decoder, options);
  } catch (error) {
    await container.closeInput();
    throw error;
  }
}

async function open(address: string, name: string, timeoutSeconds: number, signal: AbortSignal | undefined) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
  const waiting = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    return await openAddress(address, name, { ...reach(address, name), signal: waiting });
  } catch (cause) {
    signal?.throwIfAborted();
    if (!late.signal.aborted) throw cause;
    throw new MediaError(name, `Nothing came within ${timeoutSeconds} s; wanted a live video`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The demuxer and protocols for an address: what it names, and nothing a stream could lead on to. */
function reach(address: string, name: string): OpenAddressOptions {
  const common = { fflags: "nobuffer", probesize: "1000000", analyzeduration: "2000000" };
  const ways: readonly (readonly [RegExp, string, Record<string, string>])[] = [
    [/^\/dev\/video\d+$/, "v4l2", { protocol_whitelist: "file" }],
    [/^rtsp:\/\//, "rtsp", { ...common, protocol_whitelist: "rtsp,rtp,udp,tcp", rtsp_transport: "tcp" }],
    [/^udp:\/\//, "mpegts", { ...common, protocol_whitelist: "udp" }],
    [/^tcp:\/\//, "mpegts", { ...common, protocol_whitelist: "tcp" }],
  ];
  const way = ways.find(([pattern]) => pattern.test(address));
  if (way === undefined) throw new MediaError(name, "Wanted /dev/videoN, rtsp://, udp:// or tcp://");
  const format = InputFormat.findInputFormat(way[1]);
  if (format === null) throw new MediaError(name, `This FFmpeg cannot read ${way[1]} on this system`);
  return { format, options: way[2], wanted: "a live video" };
}

class NewestFrames implements LiveSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  dropped = 0;
  fellSilent = false;
  readonly #container: FormatContext;
  readonly #decoder: VideoDecoder;
  readonly #pictures: RgbFrames;
  readonly #duration: bigint | undefined;
  /** Milliseconds, without which there is no end to waiting. */
  readonly #patienceMs: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #decoded = new AvFrame();
  readonly #newest = new AvFrame();
  readonly #shown = new AvFrame();
  #isNew = false;
  #first: bigint | undefined;
  #last = -1n;
  #ended = false;
  #isEnding = false;
  #isLate = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolved, and replaced, whenever a frame has come or no more will. */
  #change = Promise.withResolvers<void>();
  #reading: Promise<void> | undefined;
  #converting: Promise<unknown> = Promise.resolve();
  #fail: ((error: unknown) => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    info: MediaInfo,
    container: FormatContext,
    stream: Stream,
    decoder: VideoDecoder,
    { duration, timeoutSeconds = PATIENCE_SECONDS, signal }: OpenLiveOptions,
  ) {
    [this.info, this.#container, this.#decoder, this.#signal] = [info, container, decoder, signal];
    const { num, den } = info.timeBase;
    this.#duration = duration === undefined ? undefined : BigInt(Math.ceil(duration * den / num));
    const patienceMs = duration === undefined ? Infinity : (duration + timeoutSeconds) * 1000;
    this.#patienceMs = patienceMs > LONGEST_TIMER_MS ? undefined : patienceMs;
    this.#pictures = new RgbFrames(info.path, stream.codecpar);
    for (const frame of [this.#decoded, this.#newest, this.#shown]) frame.alloc();
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  end(): void {
    this.#isEnding = true;
    this.#changed();
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

  /** Decodes everything that comes, as it comes; only the newest frame is kept. */
  async #read(): Promise<void> {
    while (!this.#closed && await this.#decoder.next(this.#decoded)) {
      if (this.#isNew) this.dropped++;
      this.#newest.unref();
      this.#newest.ref(this.#decoded);
      this.#isNew = true;
      this.#changed();
    }
  }

  async #pull(controller: ReadableStreamDefaultController<Frame>): Promise<void> {
    if (this.#reading === undefined) this.#startPatience();
    this.#reading ??= this.#read().catch((error) => this.#fail?.(error)).finally(() => {
      this.#ended = true;
      this.#changed();
    });
    const isOver = () => this.#ended || this.#isEnding || this.#closed !== undefined;
    while (!this.#isNew && !isOver() && !this.#isLate) await this.#change.promise;
    if (this.#closed) return;
    if (!this.#isNew && !isOver()) this.fellSilent = true;
    const frame = this.#isNew && !this.#isEnding ? await this.#take() : undefined;
    if (this.#closed) return;
    if (frame) return controller.enqueue(frame);
    controller.close();
    await this.#close();
  }

  /** From now on it takes so long, and not longer. A stream that falls silent is no reason to wait for ever. */
  #startPatience(): void {
    if (this.#patienceMs === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#changed();
    }, this.#patienceMs);
  }

  async #take(): Promise<Frame | undefined> {
    this.#shown.unref();
    this.#shown.ref(this.#newest);
    this.#isNew = false;
    const time = presentationTime(this.#shown) ?? this.#last + 1n;
    if (this.#first === undefined) this.#startPatience();
    this.#first ??= time;
    const pts = time - this.#first > this.#last ? time - this.#first : this.#last + 1n;
    if (this.#duration !== undefined && pts >= this.#duration) return undefined;
    this.#last = pts;
    const picture = this.#pictures.convert(this.#shown);
    this.#converting = picture;
    return { ...await picture, pts, duration: this.#shown.duration };
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }

  #close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    clearTimeout(this.#timer);
    this.#changed();
    this.#container.interrupt();
    // FFmpeg works on another thread: nothing may be freed under it. What fails by being interrupted is told already.
    await this.#reading;
    await this.#converting.catch(() => {});
    this.#decoder[Symbol.dispose]();
    this.#pictures[Symbol.dispose]();
    for (const frame of [this.#decoded, this.#newest, this.#shown]) frame.free();
    await this.#container.closeInput();
  }
}
