import { type FormatContext, Frame as AvFrame, InputFormat } from "node-av/lib";
import { MediaError, OptionError } from "../../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";
import { RgbFrames } from "../decode/rgb_frames.ts";
import { presentationTime, VideoDecoder } from "../decode/video_decoder.ts";
import { refuseConstantLuminance } from "../ffmpeg/colour.ts";
import { describeVideo } from "../ffmpeg/describe_video.ts";
import { openAddress, type OpenAddressOptions } from "../ffmpeg/open_container.ts";
import { readHdrMetadata } from "../ffmpeg/hdr_metadata.ts";
import { sampleFormatOf } from "../ffmpeg/sample_format.ts";
import { videoStream } from "../ffmpeg/video_stream.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import { checkSize, MAX_PIXELS } from "../source_options.ts";
import { shownAddress } from "./live_address.ts";

/** Default of {@linkcode OpenLiveOptions.timeoutSeconds}. */
const TIMEOUT_SECONDS = 10;

/** Milliseconds (25 days) that a timer can wait at most; one of more would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Options of {@linkcode openLive}. */
export interface OpenLiveOptions {
  /** Seconds after which `frames` ends. @default {when the stream does} */
  readonly duration?: number;
  /**
   * Seconds to wait for an address that does not answer. With a `duration`, also how long after it `frames` ends if the
   * stream sends nothing more. @default {10}
   */
  readonly timeoutSeconds?: number;
  /** Pictures with more pixels are refused. @default {MAX_PIXELS} */
  readonly maxPixels?: number;
  /** Ends the opening, and later `frames`, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A source that does not wait for its reader. */
export interface LiveSource extends FrameSource {
  /** Frames that came while the reader was busy, and were replaced by newer ones. */
  readonly dropped: number;
  /** Whether `frames` ended because the stream sent nothing more, `timeoutSeconds` after the end of `duration`. */
  readonly fellSilent: boolean;
  /** Ends `frames` as at the end of the stream, so that an output of it can be completed. */
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
 * @throws {MediaError} if the address is none of these, does not answer, or sends no video.
 */
export async function openLive(address: string, options: OpenLiveOptions = {}): Promise<LiveSource> {
  const { timeoutSeconds = TIMEOUT_SECONDS, maxPixels = MAX_PIXELS, signal, duration } = options;
  if (duration !== undefined && !(duration > 0)) {
    throw new OptionError(`duration must be a number of seconds above 0, not ${duration}`);
  }
  if (!(timeoutSeconds > 0)) {
    throw new OptionError(`timeoutSeconds must be a number of seconds above 0, not ${timeoutSeconds}`);
  }
  signal?.throwIfAborted();
  const name = shownAddress(address);
  await using opening = new AsyncDisposableStack();
  const container = opening.adopt(
    await open(address, name, timeoutSeconds, signal),
    (opened) => opened.closeInput(),
  );
  const stream = videoStream(container, name);
  checkSize(name, stream.codecpar.width, stream.codecpar.height, maxPixels);
  const samples = sampleFormatOf(stream.codecpar);
  refuseConstantLuminance(name, samples);
  const decoder = opening.use(await VideoDecoder.open(container, stream, name));
  const pictures = opening.use(new RgbFrames(name, stream.codecpar, samples));
  signal?.throwIfAborted();
  const { frames: _frames, seconds: _seconds, ...known } = describeVideo(container, stream, name, {});
  const hdr = readHdrMetadata(stream, undefined);
  const info: MediaInfo = { ...known, samples, kind: "live", ...(hdr && { hdr }) };
  const reader = new LiveReader(info, { container, decoder, pictures }, opening.move(), options);
  return new LiveFrames(info, reader, signal);
}

async function open(address: string, name: string, timeoutSeconds: number, signal: AbortSignal | undefined) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
  const either = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
  try {
    return await openAddress(address, name, { ...reach(address, name), signal: either });
  } catch (cause) {
    signal?.throwIfAborted();
    if (!timeout.signal.aborted) throw cause;
    throw new MediaError(name, `Nothing came within ${timeoutSeconds} s. Check the address, or wait longer`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** The demuxer and protocols for an address: the one it names, so that a stream cannot make FFmpeg open anything else. */
function reach(address: string, name: string): OpenAddressOptions {
  const common = { fflags: "nobuffer", probesize: "1000000", analyzeduration: "2000000" };
  const ways: readonly (readonly [RegExp, string, Record<string, string>])[] = [
    [/^\/dev\/video\d+$/, "v4l2", { protocol_whitelist: "file" }],
    [/^rtsp:\/\//, "rtsp", { ...common, protocol_whitelist: "rtsp,rtp,udp,tcp", rtsp_transport: "tcp" }],
    [/^udp:\/\//, "mpegts", { ...common, protocol_whitelist: "udp" }],
    [/^tcp:\/\//, "mpegts", { ...common, protocol_whitelist: "tcp" }],
  ];
  const way = ways.find(([pattern]) => pattern.test(address));
  if (way === undefined) {
    throw new MediaError(
      name,
      "No live source has this kind of address. Use /dev/videoN, rtsp://, udp:// or tcp://",
    );
  }
  const format = InputFormat.findInputFormat(way[1]);
  if (format === null) throw new MediaError(name, `FFmpeg cannot read ${way[1]} on this system`);
  return { format, options: way[2], expected: "a live video" };
}

/** A live source over a {@linkcode LiveReader}. */
class LiveFrames extends OwnedSource implements LiveSource {
  readonly #reader: LiveReader;

  constructor(info: MediaInfo, reader: LiveReader, signal: AbortSignal | undefined) {
    super(info, reader, { signal, highWaterMark: 0 });
    this.#reader = reader;
  }

  get dropped(): number {
    return this.#reader.dropped;
  }

  get fellSilent(): boolean {
    return this.#reader.fellSilent;
  }

  end(): void {
    this.#reader.end();
  }
}

/** Why a live source gives no more frames. Of several reasons the later in this list holds. */
const ENDS = ["timeout", "stream ended", "asked to", "interrupted"] as const;

type End = typeof ENDS[number];

/** What a live stream is read with. */
interface OpenedStream {
  readonly container: FormatContext;
  readonly decoder: VideoDecoder;
  readonly pictures: RgbFrames;
}

/** Decodes everything that comes, from the first `next` on, and gives the newest frame. */
class LiveReader implements FrameReader {
  dropped = 0;
  fellSilent = false;
  readonly #stream: OpenedStream;
  readonly #resources: AsyncDisposableStack;
  readonly #duration: bigint | undefined;
  /** Milliseconds from one call of `startTimer` to the end; absent where there is none. */
  readonly #timeoutMs: number | undefined;
  readonly #decoded: AvFrame;
  readonly #newest: AvFrame;
  readonly #shown: AvFrame;
  #isNew = false;
  #first: bigint | undefined;
  #last = -1n;
  #decoding: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #end: End | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolved, and replaced, whenever a frame has come or no more will. */
  #change = Promise.withResolvers<void>();

  /** @param resources what `stream` is made of; freed with the reader */
  constructor(
    { timeBase: { num, den } }: MediaInfo,
    stream: OpenedStream,
    resources: AsyncDisposableStack,
    { duration, timeoutSeconds = TIMEOUT_SECONDS }: OpenLiveOptions,
  ) {
    [this.#stream, this.#resources] = [stream, resources];
    this.#duration = duration === undefined ? undefined : BigInt(Math.ceil(duration * den / num));
    const timeoutMs = duration === undefined ? Infinity : (duration + timeoutSeconds) * 1000;
    this.#timeoutMs = timeoutMs > LONGEST_TIMER_MS ? undefined : timeoutMs;
    const allocate = () => {
      const frame = resources.adopt(new AvFrame(), (frame) => frame.free());
      frame.alloc();
      return frame;
    };
    [this.#decoded, this.#newest, this.#shown] = [allocate(), allocate(), allocate()];
  }

  async next(): Promise<Frame | undefined> {
    if (this.#decoding === undefined) {
      this.#startTimer();
      this.#decoding = this.#decode();
    }
    while (!this.#isNew && this.#end === undefined) await this.#change.promise;
    if (this.#failure) throw this.#failure.error;
    const isCutShort = this.#end === "asked to" || this.#end === "interrupted";
    if (this.#isNew && !isCutShort) return await this.#take();
    this.fellSilent = this.#end === "timeout";
    return undefined;
  }

  end(): void {
    this.#endWith("asked to");
  }

  interrupt(): void {
    this.#endWith("interrupted");
    this.#stream.container.interrupt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#decoding;
    await this.#resources.disposeAsync();
  }

  async #decode(): Promise<void> {
    const { decoder } = this.#stream;
    try {
      while (this.#end !== "interrupted" && await decoder.next(this.#decoded)) {
        if (this.#isNew) this.dropped++;
        this.#newest.unref();
        this.#newest.ref(this.#decoded);
        this.#isNew = true;
        this.#changed();
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#endWith("stream ended");
  }

  /** Started again with the first frame: a recording takes its duration from there, and not longer. */
  #startTimer(): void {
    if (this.#timeoutMs === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endWith("timeout"), this.#timeoutMs);
  }

  async #take(): Promise<Frame | undefined> {
    this.#shown.unref();
    this.#shown.ref(this.#newest);
    this.#isNew = false;
    const time = presentationTime(this.#shown) ?? this.#last + 1n;
    if (this.#first === undefined) this.#startTimer();
    this.#first ??= time;
    const pts = time - this.#first > this.#last ? time - this.#first : this.#last + 1n;
    if (this.#duration !== undefined && pts >= this.#duration) return undefined;
    this.#last = pts;
    return { ...await this.#stream.pictures.convert(this.#shown), pts, duration: this.#shown.duration };
  }

  #endWith(end: End): void {
    if (this.#end === undefined || ENDS.indexOf(end) > ENDS.indexOf(this.#end)) this.#end = end;
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
