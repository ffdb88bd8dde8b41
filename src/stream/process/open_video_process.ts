import { PassThrough } from "node:stream";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";
import { isHdr, refuseDepth } from "../ffmpeg/colour.ts";
import { estimateFrames } from "../ffmpeg/describe_video.ts";
import { fileAddress, refuseUnusableFile } from "../ffmpeg/open_container.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import { checkRange, checkSize, MAX_PIXELS, type SourceOptions, timeAt } from "../source_options.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { findFfmpeg } from "./find_ffmpeg.ts";
import { INPUT_OPTIONS, probeVideo, SHOWINFO_FILTER, VIDEO_STREAM } from "./probe_video.ts";
import { type ProbedVideo, ShowinfoParser } from "./showinfo_parser.ts";

/** Options of {@linkcode openVideoProcess}. */
export interface OpenVideoProcessOptions extends SourceOptions {
  /** ffmpeg program to run, or "auto": the one ffmpeg-static installed, else the one on PATH. */
  readonly ffmpeg: string;
}

/** Seconds before the start of a range from which frames are decoded: ffmpeg's own seeking is imprecise in some containers. */
const LOOK_BACK_SECONDS = 10;

/**
 * Opens a video file with an ffmpeg program of the user's own, for formats that the FFmpeg inside this library lacks.
 * Frames are those `openVideo` gives, but rotated for display, and their times begin at 0 with `start`; damage of the
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
  signal?.throwIfAborted();
  const video = await probeVideo(program, path, signal);
  signal?.throwIfAborted();
  checkSize(path, video.width, video.height, maxPixels);
  refuseDepth(path, video.pixelFormat, isHdr(video.transfer));
  const info = describe(path, program, video, options);
  return new OwnedSource(info, new ProcessReader(info, video), { signal });
}

function describe(
  path: string,
  program: string,
  video: ProbedVideo,
  { start = 0, duration }: SourceOptions,
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

/** Reads the pictures that ffmpeg writes to its standard output, and their times from its stderr. */
class ProcessReader implements FrameReader {
  readonly #process: FfmpegProcess;
  readonly #times = new ShowinfoParser();
  readonly #pictures: AsyncGenerator<Omit<Frame, "pts" | "duration">>;
  /** First time of the range, and its length, in the stream's units. */
  readonly #from: bigint;
  readonly #length: bigint | undefined;

  constructor(info: MediaInfo, video: ProbedVideo) {
    const { start, duration } = info.range ?? { start: 0 };
    const { timeBase } = info;
    this.#from = timeAt(video.beginning + start, timeBase);
    this.#length = duration === undefined
      ? undefined
      : timeAt(video.beginning + start + duration, timeBase) - this.#from;
    // fluent-ffmpeg takes a closed pipe for a failure, even when ffmpeg is about to end well.
    const pipe = new PassThrough({ emitClose: false, autoDestroy: false });
    this.#process = decoding(info, video, (line) => this.#times.read(line));
    this.#process.start(pipe);
    const end = () => this.#times.end();
    this.#process.done.then(end, end);
    this.#pictures = framesOf(pipe, info);
  }

  /** @throws {FFmpegError} if ffmpeg failed. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const picture = await this.#pictures.next();
      const time = picture.done ? undefined : await this.#times.next();
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

  interrupt(): void {
    this.#process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** The program that decodes the video to its standard output. */
function decoding(info: MediaInfo, video: ProbedVideo, onLine: (line: string) => void): FfmpegProcess {
  const back = Math.max(0, (info.range?.start ?? 0) - LOOK_BACK_SECONDS);
  const seek = back > 0 ? ["-ss", `${back}`] : [];
  // Video without a colour tag is BT.601 to ffmpeg; to players it is BT.709 from 720 lines on.
  const isGuess = video.matrix === "unknown" && video.height >= 720;
  const filters = [SHOWINFO_FILTER, ...(isGuess ? ["scale=in_color_matrix=bt709"] : [])];
  return new FfmpegProcess(info.ffmpeg?.program ?? "ffmpeg", (command) => {
    command
      .input(fileAddress(info.path))
      .inputOptions("-hide_banner", "-nostdin", "-nostats", ...INPUT_OPTIONS, "-copyts", ...seek)
      .outputOptions("-map", VIDEO_STREAM, "-vf", filters.join(), "-fps_mode", "passthrough")
      .outputOptions("-pix_fmt", "rgb24", "-f", "rawvideo");
  }, onLine);
}

/** Cuts the bytes of a pipe into pictures. An incomplete last one is dropped: ffmpeg's exit code tells why. */
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
