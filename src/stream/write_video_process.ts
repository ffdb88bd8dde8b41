import { once } from "node:events";
import { PassThrough } from "node:stream";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSink, MediaInfo } from "../frame.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { findFfmpeg } from "./find_ffmpeg.ts";
import { fileAddress } from "./open_container.ts";
import { PartFile } from "./part_file.ts";
import { containerOf } from "./video_muxer.ts";

/** Options of {@linkcode createVideoProcess}. */
export interface CreateVideoProcessOptions {
  /** The source whose frames will be written; all but the video is copied from its file. */
  readonly source: MediaInfo;
  /** ffmpeg program to run. @default {the one ffmpeg-static installed, else the one on PATH} */
  readonly ffmpeg?: string;
  /** Arguments that choose the video encoder. @default {["-c:v", "libx264", "-crf", "18"]} */
  readonly encoder?: readonly string[];
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
}

/**
 * Starts writing a video with an ffmpeg program of the user's own. Audio, subtitles, tags and chapters are copied by
 * it. Its pipe carries no times, so frames come out evenly spaced at the source's rate (a note says so). `NAME.part`
 * is renamed when `frames` is closed, removed otherwise. At most 1 frame waits in `frames`.
 *
 * @throws {MediaError} if there is no such program, or the output cannot be written there.
 */
export async function createVideoProcess(
  path: string,
  options: CreateVideoProcessOptions,
): Promise<FrameSink> {
  const format = containerOf(path).name ?? "";
  const program = await findFfmpeg(options.ffmpeg);
  const { source, overwrite = false } = options;
  const part = await PartFile.create(path, { inputs: [source.path], overwrite });
  return new ProcessSink(path, options, program, format, part);
}

class ProcessSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  readonly notes = ["Frames are evenly spaced: a pipe to ffmpeg carries no times"];
  readonly #part: PartFile;
  readonly #pipe = new PassThrough();
  #process: FfmpegProcess | undefined;
  #target: string;
  #fail: ((error: unknown) => void) | undefined;
  #isComplete = false;

  constructor(
    path: string,
    options: CreateVideoProcessOptions,
    program: string,
    format: string,
    part: PartFile,
  ) {
    [this.#target, this.#part] = [path, part];
    this.frames = new WritableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      write: async (frame) => {
        this.#process ??= this.#start(program, format, options, frame);
        await this.#write(this.#process, frame.data);
      },
      close: async () => {
        if (!this.#process) throw new MediaError(path, "No frame came; wanted at least one");
        this.#pipe.end();
        await this.#process.done;
        await part.complete(this.#target);
        this.#isComplete = true;
      },
      abort: () => this.#giveUp(),
    }, { highWaterMark: 1 });
  }

  async finishAs(path: string): Promise<void> {
    this.#target = path;
    await this.frames.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isComplete) return;
    this.#fail?.(new MediaError(this.#target, "The output was given up"));
    await this.#giveUp();
  }

  async #giveUp(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#pipe.destroy();
    await this.#part.discard();
  }

  #start(
    program: string,
    format: string,
    { source, encoder = ["-c:v", "libx264", "-crf", "18"] }: CreateVideoProcessOptions,
    { width, height, data }: Frame,
  ): FfmpegProcess {
    const depth = data instanceof Uint16Array ? "rgb48le" : "rgb24";
    const turned = source.rotation === 0 ? [] : ["-display_rotation", `${-source.rotation}`];
    const even = width % 2 === 0 && height % 2 === 0;
    const process = new FfmpegProcess(program, (command) => {
      command
        .input(this.#pipe)
        .inputOptions("-y", "-hide_banner", "-nostats", ...turned, "-f", "rawvideo", "-pix_fmt", depth)
        .inputOptions("-video_size", `${width}x${height}`, "-framerate", `${source.frameRate ?? 25}`)
        .input(fileAddress(source.path))
        .inputOptions("-protocol_whitelist", "file,pipe")
        .output(fileAddress(this.#part.partPath))
        .outputOptions(
          "-map",
          "0:v:0",
          "-map",
          "1:a?",
          "-map",
          "1:s?",
          "-map_metadata",
          "1",
          "-map_chapters",
          "1",
        )
        .outputOptions("-c", "copy", ...encoder, "-pix_fmt", even ? "yuv420p" : "yuv444p", "-f", format);
    });
    process.start();
    process.done.catch((error) => this.#fail?.(error));
    return process;
  }

  async #write(process: FfmpegProcess, data: Frame["data"]): Promise<void> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (this.#pipe.write(bytes)) return;
    const stop = new AbortController();
    try {
      // ffmpeg may end before it has taken everything: then nothing will ever drain.
      await Promise.race([once(this.#pipe, "drain", { signal: stop.signal }), process.done]);
    } finally {
      stop.abort();
    }
  }
}
