import { once } from "node:events";
import { extname } from "node:path";
import { PassThrough } from "node:stream";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSink, MediaInfo } from "../frame.ts";
import { chooseCodec, refuseCodec } from "./choose_codec.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { fileAddress } from "./open_container.ts";
import { PartFile } from "../part_file.ts";
import { INPUT_OPTIONS } from "./probe_video.ts";
import { encoderName, encoderOptions, type VideoCodec } from "./video_codec.ts";
import { containerOf } from "./video_muxer.ts";
import type { CreateVideoOptions } from "./write_video.ts";

/**
 * Starts writing a video with the ffmpeg program that decodes its source. Sound, tags and chapters are copied by it, and
 * subtitles into a file of the source's kind. Its pipe carries no times, so frames come out evenly spaced at the source's
 * rate; what that and the rest of this road change is in `notes`. `NAME.part` is renamed when `frames` is closed, removed
 * otherwise. At most 1 frame waits in `frames`.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, cannot be written there, or its
 * container cannot hold the codec.
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for ffv1.
 */
export async function createVideoProcess(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const { source, lossless = false, overwrite = false } = options;
  const format = containerOf(path);
  const { codec, crf, notes } = chooseCodec(source.codec, format, options);
  const part = await PartFile.create(path, { inputs: [source.path], overwrite });
  try {
    await refuseCodec(path, codec, format, part.partPath);
    const withSubtitles = extname(path).toLowerCase() === extname(source.path).toLowerCase();
    const wanted = { source, codec, crf, lossless, withSubtitles, format: format.name ?? "" };
    return new ProcessSink(path, wanted, part, [...notes, ...notesOf(wanted)]);
  } catch (error) {
    await part.discard();
    throw error;
  }
}

/** What a {@linkcode ProcessSink} writes. */
interface ProcessSinkOptions {
  readonly source: MediaInfo;
  readonly codec: VideoCodec;
  readonly crf: number;
  readonly lossless: boolean;
  readonly withSubtitles: boolean;
  /** FFmpeg's name of the container. */
  readonly format: string;
}

/** What is known before the first frame to become other than it was. */
function notesOf({ source, withSubtitles }: ProcessSinkOptions): readonly string[] {
  const kept = withSubtitles ? /^(?:audio|subtitle) / : /^audio /;
  const video = source.streams.findIndex((stream) => stream.startsWith("video "));
  const left = source.streams.map((stream, i) =>
    `Stream ${i} (${stream}) is left out: ffmpeg is not told to copy it`
  )
    .filter((_, i) => i !== video && !kept.test(source.streams[i] ?? ""));
  const changed =
    "turned upright, 4:2:0 where sizes are even, BT.709 colours; damage of the input goes unnoticed";
  return [`Read and written by ${source.ffmpeg?.program}: ${changed}`, ...left];
}

class ProcessSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  readonly #options: ProcessSinkOptions;
  readonly #part: PartFile;
  readonly #pipe = new PassThrough();
  readonly #notes: readonly string[];
  #process: FfmpegProcess | undefined;
  #target: string;
  #fail: ((error: unknown) => void) | undefined;
  #written = 0;
  #firstTime = 0;
  /** Seconds, at most, that a frame's time differs from an even one. */
  #unevenness = 0;
  #isComplete = false;

  constructor(path: string, options: ProcessSinkOptions, part: PartFile, notes: readonly string[]) {
    [this.#target, this.#options, this.#part, this.#notes] = [path, options, part, notes];
    this.frames = new WritableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      write: (frame) => this.#write(frame),
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

  get notes(): readonly string[] {
    const most = this.#unevenness;
    const uneven = most > 1 / this.#rate
      ? [
        `Frames are evenly spaced, up to ${
          most.toFixed(2)
        } s from their time: a pipe to ffmpeg carries no times`,
      ]
      : [];
    return [...this.#notes, ...uneven];
  }

  get #rate(): number {
    return this.#options.source.frameRate ?? 25;
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

  async #write(frame: Frame): Promise<void> {
    const { num, den } = this.#options.source.timeBase;
    const time = Number(frame.pts) * num / den;
    if (!this.#process) this.#firstTime = time;
    const even = this.#firstTime + this.#written++ / this.#rate;
    this.#unevenness = Math.max(this.#unevenness, Math.abs(time - even));
    this.#process ??= this.#start(frame);
    await this.#feed(this.#process, frame.data);
  }

  #start({ width, height, data }: Frame): FfmpegProcess {
    const { source } = this.#options;
    const depth = data instanceof Uint16Array ? "rgb48le" : "rgb24";
    const { start, duration } = source.range ?? {};
    const range = [
      ...(start === undefined ? [] : ["-ss", `${start}`]),
      ...(duration === undefined ? [] : ["-t", `${duration}`]),
    ];
    const process = new FfmpegProcess(source.ffmpeg?.program ?? "ffmpeg", (command) => {
      command
        .input(this.#pipe)
        .inputOptions("-y", "-hide_banner", "-nostats", "-f", "rawvideo", "-pix_fmt", depth)
        .inputOptions("-video_size", `${width}x${height}`, "-framerate", `${this.#rate}`)
        .inputOptions("-itsoffset", this.#firstTime.toFixed(6))
        .input(fileAddress(source.path))
        .inputOptions(...INPUT_OPTIONS, ...range)
        .output(fileAddress(this.#part.partPath))
        .outputOptions(...this.#mapping(), ...this.#encoding(width, height));
    });
    process.start();
    process.done.catch((error) => this.#fail?.(error));
    return process;
  }

  #mapping(): readonly string[] {
    const { withSubtitles } = this.#options;
    const subtitles = withSubtitles ? ["-map", "1:s?"] : [];
    return ["-map", "0:v:0", "-map", "1:a?", ...subtitles, "-map_metadata", "1", "-map_chapters", "1"];
  }

  #encoding(width: number, height: number): readonly string[] {
    const { source, codec, format, ...quality } = this.#options;
    const pixels = width % 2 === 0 && height % 2 === 0 ? "yuv420p" : "yuv444p";
    const aspect = `setsar=${source.ffmpeg?.sampleAspect ?? "1/1"}`;
    const settings = Object.entries(encoderOptions(codec, { ...quality, width }))
      .flatMap(([name, value]) => [name === "b" ? "-b:v" : `-${name}`, value]);
    return [
      ...["-c", "copy", "-c:v", encoderName(codec), ...settings, "-fps_mode:v", "passthrough"],
      ...["-vf", `scale=out_color_matrix=bt709:out_range=tv,format=${pixels},${aspect}`],
      ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"],
      ...["-f", format],
    ];
  }

  async #feed(process: FfmpegProcess, data: Frame["data"]): Promise<void> {
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
