import { PassThrough } from "node:stream";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { findFfmpeg } from "./find_ffmpeg.ts";
import { fileAddress, refuseUnusableFile } from "./open_container.ts";
import { type ShownFrame, ShownInfo } from "./shown_info.ts";

/** Options of {@linkcode openVideoProcess}. */
export interface OpenVideoProcessOptions {
  /** ffmpeg program to run. @default {the one ffmpeg-static installed, else the one on PATH} */
  readonly ffmpeg?: string;
  /** Ends `frames` with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a video file with an ffmpeg program of the user's own, for formats that the FFmpeg inside this library lacks.
 * Frames and times are those `openVideo` gives, but the number of frames is not known. At most 1 frame waits in
 * `frames`, besides what the pipe holds. The caller disposes the source, which ends the program.
 *
 * @throws {MediaError} if there is no such program or file.
 * @throws {FFmpegError} if ffmpeg cannot read the file.
 */
export async function openVideoProcess(
  path: string,
  options: OpenVideoProcessOptions = {},
): Promise<FrameSource> {
  const { ffmpeg, signal } = options;
  signal?.throwIfAborted();
  await refuseUnusableFile(path);
  const shown = new ShownInfo();
  const program = await findFfmpeg(ffmpeg);
  const process = new FfmpegProcess(program, (command) => {
    command
      .input(fileAddress(path))
      .inputOptions(
        "-hide_banner",
        "-nostdin",
        "-nostats",
        "-noautorotate",
        "-protocol_whitelist",
        "file,pipe",
      )
      .outputOptions("-map", "0:v:0", "-vf", "showinfo=checksum=0", "-fps_mode", "passthrough")
      .outputOptions("-pix_fmt", "rgb24", "-f", "rawvideo");
  }, (line) => shown.read(line));
  // fluent-ffmpeg takes a closed pipe for a failure, even when ffmpeg is about to end well.
  const pipe = new PassThrough({ emitClose: false, autoDestroy: false });
  process.start(pipe);
  process.done.then(() => shown.end(), (error) => shown.end(error));
  try {
    return new ProcessSource(await shown.info(path), shown, process, pipe, signal);
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

class ProcessSource implements FrameSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  readonly #process: FfmpegProcess;
  readonly #signal: AbortSignal | undefined;
  #fail: ((error: unknown) => void) | undefined;
  readonly #abort = () => {
    this.#fail?.(this.#signal?.reason);
    // Disposing waits for the program; an abort has nobody to tell.
    this[Symbol.asyncDispose]().catch(() => {});
  };

  constructor(
    info: MediaInfo,
    shown: ShownInfo,
    process: FfmpegProcess,
    pipe: PassThrough,
    signal: AbortSignal | undefined,
  ) {
    [this.info, this.#process, this.#signal] = [info, process, signal];
    const pictures = framesOf(pipe, info);
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: async (controller) => {
        const picture = await pictures.next();
        const time: ShownFrame | undefined = picture.done ? undefined : await shown.next();
        if (picture.value && time) return controller.enqueue({ ...picture.value, ...time });
        await process.done;
        controller.close();
      },
      cancel: () => this[Symbol.asyncDispose](),
    }, { highWaterMark: 1 });
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#fail?.(new MediaError(this.info.path, "The source was disposed"));
    await this.#process[Symbol.asyncDispose]();
  }
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
