import { PassThrough } from "node:stream";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { isDeep, isHdr, refuseDepth } from "./colour.ts";
import { estimateFrames } from "./describe_video.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { findFfmpeg } from "./find_ffmpeg.ts";
import { fileAddress, refuseUnusableFile } from "./open_container.ts";
import { checkRange, MAX_PIXELS, type OpenVideoOptions, refusePixels, timeAt } from "./open_video.ts";
import { INPUT_OPTIONS, probeVideo, SHOW_INFO, VIDEO_STREAM } from "./probe_video.ts";
import { type ShownFrame, ShownInfo, type ShownVideo } from "./shown_info.ts";

/** Options of {@linkcode openVideoProcess}. */
export interface OpenVideoProcessOptions extends OpenVideoOptions {
  /** ffmpeg program to run, or "auto": the one ffmpeg-static installed, else the one on PATH. */
  readonly ffmpeg: string;
}

/** Seconds before the wanted start from which frames are decoded: ffmpeg's own seeking is imprecise in some containers. */
const LOOK_BACK_SECONDS = 10;

/**
 * Opens a video file with an ffmpeg program of the user's own, for formats that the FFmpeg inside this library lacks.
 * Frames are those `openVideo` gives, but turned upright, and their times begin at 0 with the wanted start; damage of the
 * file goes unnoticed. At most 1 frame waits in `frames`, besides what the pipe holds. The caller disposes the source,
 * which ends the program.
 *
 * @throws {MediaError} if there is no such program or file, or it is HDR or needs more than 8 bits a sample.
 * @throws {FFmpegError} if ffmpeg cannot read the file.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openVideoProcess(path: string, options: OpenVideoProcessOptions): Promise<FrameSource> {
  const { ffmpeg, maxPixels = MAX_PIXELS, signal } = options;
  checkRange(options);
  signal?.throwIfAborted();
  await refuseUnusableFile(path);
  const program = await findFfmpeg(ffmpeg);
  const video = await probeVideo(program, path);
  signal?.throwIfAborted();
  refusePixels(path, video.width, video.height, maxPixels);
  refuseDepth(path, video.pixelFormat, { isDeep: isDeep(video.pixelFormat), isHdr: isHdr(video.transfer) });
  return new ProcessSource(describe(path, program, video, options), video, signal);
}

function describe(
  path: string,
  program: string,
  video: ShownVideo,
  { start = 0, duration }: OpenVideoOptions,
): MediaInfo {
  const { width, height, timeBase, frameRate, seconds: length, codec, streams, sampleAspect } = video;
  const rest = length === undefined ? duration : Math.max(0, Math.min(length - start, duration ?? Infinity));
  const frames = estimateFrames(start, rest, frameRate);
  const isPart = start > 0 || duration !== undefined;
  return {
    path,
    kind: "video",
    width,
    height,
    timeBase,
    frameRate,
    ...(frames !== undefined && { frames }),
    ...(rest !== undefined && { seconds: rest }),
    rotation: 0,
    codec,
    streams,
    ...(isPart && { range: { start, ...(duration !== undefined && { duration }) } }),
    ffmpeg: { program, sampleAspect },
  };
}

class ProcessSource implements FrameSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  readonly #process: FfmpegProcess;
  readonly #shown = new ShownInfo();
  readonly #pictures: AsyncGenerator<Omit<Frame, "pts" | "duration">>;
  /** The wanted start, and how long from there, in the stream's units. */
  readonly #from: bigint;
  readonly #length: bigint | undefined;
  readonly #signal: AbortSignal | undefined;
  #fail: ((error: unknown) => void) | undefined;
  readonly #abort = () => {
    this.#fail?.(this.#signal?.reason);
    // Disposing waits for the program; an abort has nobody to tell.
    this[Symbol.asyncDispose]().catch(() => {});
  };

  constructor(info: MediaInfo, video: ShownVideo, signal: AbortSignal | undefined) {
    [this.info, this.#signal] = [info, signal];
    const { start, duration } = info.range ?? { start: 0 };
    const { timeBase } = info;
    this.#from = timeAt(video.beginning + start, timeBase);
    this.#length = duration === undefined
      ? undefined
      : timeAt(video.beginning + start + duration, timeBase) - this.#from;
    // fluent-ffmpeg takes a closed pipe for a failure, even when ffmpeg is about to end well.
    const pipe = new PassThrough({ emitClose: false, autoDestroy: false });
    this.#process = decoding(info, video, (line) => this.#shown.read(line));
    this.#process.start(pipe);
    this.#process.done.then(() => this.#shown.end(), (error) => this.#shown.end(error));
    this.#pictures = framesOf(pipe, info);
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: async (controller) => {
        const frame = await this.#next();
        if (frame) return controller.enqueue(frame);
        controller.close();
        await this.#process[Symbol.asyncDispose]();
      },
      cancel: () => this[Symbol.asyncDispose](),
    }, { highWaterMark: 1 });
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  /** The next frame of the wanted range; `undefined` after the last. @throws {FFmpegError} if ffmpeg failed. */
  async #next(): Promise<Frame | undefined> {
    for (;;) {
      const picture = await this.#pictures.next();
      const time: ShownFrame | undefined = picture.done ? undefined : await this.#shown.next();
      if (!picture.value || !time) {
        await this.#process.done;
        return undefined;
      }
      const pts = time.pts - this.#from;
      if (pts < 0n) continue;
      if (this.#length !== undefined && pts >= this.#length) return undefined;
      return { ...picture.value, pts, duration: time.duration };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#fail?.(new MediaError(this.info.path, "The source was disposed"));
    await this.#process[Symbol.asyncDispose]();
  }
}

/** The program that decodes the video to its standard output. */
function decoding(info: MediaInfo, video: ShownVideo, onLine: (line: string) => void): FfmpegProcess {
  const back = Math.max(0, (info.range?.start ?? 0) - LOOK_BACK_SECONDS);
  const seek = back > 0 ? ["-ss", `${back}`] : [];
  // ffmpeg reads what is not tagged as BT.601; players take it for BT.709 from 720 lines on.
  const isGuess = video.matrix === "unknown" && video.height >= 720;
  const filters = [SHOW_INFO, ...(isGuess ? ["scale=in_color_matrix=bt709"] : [])];
  return new FfmpegProcess(info.ffmpeg?.program ?? "ffmpeg", (command) => {
    command
      .input(fileAddress(info.path))
      .inputOptions("-hide_banner", "-nostdin", "-nostats", ...INPUT_OPTIONS, "-copyts", ...seek)
      .outputOptions("-map", VIDEO_STREAM, "-vf", filters.join(), "-fps_mode", "passthrough")
      .outputOptions("-pix_fmt", "rgb24", "-f", "rawvideo");
  }, onLine);
}

/** Cuts the bytes of a pipe into pictures. A rest that is less than one is dropped: ffmpeg's exit code tells of it. */
async function* framesOf(pipe: PassThrough, { width, height }: MediaInfo) {
  let data = new Uint8Array(width * height * 3);
  let filled = 0;
  for await (const chunk of pipe) {
    const bytes: Uint8Array = chunk;
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + data.length - filled);
      data.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < data.length) continue;
      yield { data, width, height };
      data = new Uint8Array(width * height * 3);
      filled = 0;
    }
  }
}
