import { once } from "node:events";
import { extname } from "node:path";
import { PassThrough } from "node:stream";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSink, MediaInfo } from "../../frame.ts";
import { PartFile } from "../../part_file.ts";
import { chooseCodec } from "../encode/choose_codec.ts";
import { containerOf, holdsTimes, refuseCodec } from "../encode/container_format.ts";
import { encoderName, encoderOptions, isAnimation } from "../encode/video_codec.ts";
import type { WrittenCodec } from "../video_codecs.ts";
import { fileAddress } from "../ffmpeg/open_container.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import type { CopiedVideo, SinkOptions } from "../sink_options.ts";
import { FfmpegProcess } from "./ffmpeg_process.ts";
import { INPUT_OPTIONS } from "./probe_video.ts";

/** Options of {@linkcode createVideoProcess}. */
export interface CreateVideoProcessOptions extends SinkOptions {
  /** What the frames are like, and the program that decodes them, which writes them too. */
  readonly template: Pick<MediaInfo, "timeBase" | "frameRate" | "codec" | "streams" | "ffmpeg">;
  /** File to take everything beside the pictures from. */
  readonly copy: CopiedVideo;
}

/**
 * Starts writing a video with the ffmpeg program that decodes its source. Sound, tags and chapters are copied by it, and
 * subtitles into a file of the source's kind. Its pipe carries no times, so frames come out evenly spaced at the source's
 * rate; what that and the rest of this road change is in `notes`. `NAME.part` is renamed when `frames` is closed, removed
 * otherwise. At most 1 frame waits in `frames`.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the file to copy from, cannot be written there, or its
 * container cannot hold the codec.
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for ffv1 or png.
 */
export async function createVideoProcess(
  path: string,
  options: CreateVideoProcessOptions,
): Promise<FrameSink> {
  const { template, copy, lossless = false, overwrite = false } = options;
  const format = containerOf(path);
  const { codec, crf, notes } = chooseCodec(template.codec, format, options);
  if (isAnimation(codec)) {
    throw new MediaError(path, `Another ffmpeg program is not given ${codec} to write. Leave --ffmpeg out`);
  }
  const part = await PartFile.create(path, { inputs: [copy.path], overwrite });
  try {
    await refuseCodec(path, codec, format, part.partPath);
  } catch (error) {
    await part.discard();
    throw error;
  }
  const withSubtitles = extname(path).toLowerCase() === extname(copy.path).toLowerCase();
  const reorder = holdsTimes(format);
  const plan = { template, copy, codec, crf, lossless, withSubtitles, reorder, format: format.name ?? "" };
  return new OwnedSink(path, part, new ProcessWriter(plan, part.partPath, [...notes, ...notesOf(plan)]));
}

/** What a {@linkcode ProcessWriter} writes, and how. */
interface ProcessPlan {
  readonly template: CreateVideoProcessOptions["template"];
  readonly copy: CopiedVideo;
  readonly codec: WrittenCodec;
  readonly crf: number;
  readonly lossless: boolean;
  readonly withSubtitles: boolean;
  /** Whether frames may be coded in another order than they are shown in. */
  readonly reorder: boolean;
  /** FFmpeg's name of the container. */
  readonly format: string;
}

/** What is known before the first frame to differ from the source. */
function notesOf({ template, withSubtitles }: ProcessPlan): readonly string[] {
  const kept = withSubtitles ? /^(?:audio|subtitle) / : /^audio /;
  const video = template.streams.findIndex((stream) => stream.startsWith("video "));
  const left = template.streams.map((stream, i) =>
    `Stream ${i} (${stream}) is left out: ffmpeg is not told to copy it`
  )
    .filter((_, i) => i !== video && !kept.test(template.streams[i] ?? ""));
  const changed =
    "rotated for display, 4:2:0 where sizes are even, BT.709 colours; damage of the input goes unnoticed";
  return [`Read and written by ${template.ffmpeg?.program}: ${changed}`, ...left];
}

/** Feeds frames to an ffmpeg program. */
class ProcessWriter implements FrameWriter {
  readonly #plan: ProcessPlan;
  readonly #partPath: string;
  readonly #pipe = new PassThrough();
  readonly #notes: readonly string[];
  #process: FfmpegProcess | undefined;
  /** Why ffmpeg ended before it was to. */
  #failure: { readonly error: unknown } | undefined;
  #written = 0;
  #firstTime = 0;
  /** Seconds, at most, that a frame's time differs from an even one. */
  #unevenness = 0;

  constructor(plan: ProcessPlan, partPath: string, notes: readonly string[]) {
    [this.#plan, this.#partPath, this.#notes] = [plan, partPath, notes];
  }

  get notes(): readonly string[] {
    const most = this.#unevenness;
    if (most <= 1 / this.#rate) return this.#notes;
    const uneven = `Frames are evenly spaced, up to ${most.toFixed(2)} s from their time`;
    return [...this.#notes, `${uneven}: a pipe to ffmpeg carries no times`];
  }

  get #rate(): number {
    return this.#plan.template.frameRate ?? 25;
  }

  async write(frame: Frame): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    const { num, den } = this.#plan.template.timeBase;
    const time = Number(frame.pts) * num / den;
    if (!this.#process) this.#firstTime = time;
    const even = this.#firstTime + this.#written++ / this.#rate;
    this.#unevenness = Math.max(this.#unevenness, Math.abs(time - even));
    this.#process ??= this.#start(frame);
    await this.#feed(this.#process, frame.data);
  }

  async finish(): Promise<void> {
    this.#pipe.end();
    await this.#process?.done;
  }

  interrupt(): void {
    this.#process?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#pipe.destroy();
  }

  #start({ width, height, data }: Frame): FfmpegProcess {
    const { template, copy } = this.#plan;
    const depth = data instanceof Uint16Array ? "rgb48le" : "rgb24";
    const { start, duration } = copy.range ?? {};
    const range = [
      ...(start === undefined ? [] : ["-ss", `${start}`]),
      ...(duration === undefined ? [] : ["-t", `${duration}`]),
    ];
    const process = new FfmpegProcess(template.ffmpeg?.program ?? "ffmpeg", (command) => {
      command
        .input(this.#pipe)
        .inputOptions("-y", "-hide_banner", "-nostats", "-f", "rawvideo", "-pix_fmt", depth)
        .inputOptions("-video_size", `${width}x${height}`, "-framerate", `${this.#rate}`)
        .inputOptions("-itsoffset", this.#firstTime.toFixed(6))
        .input(fileAddress(copy.path))
        .inputOptions(...INPUT_OPTIONS, ...range)
        .output(fileAddress(this.#partPath))
        .outputOptions(...this.#mapping(), ...this.#encoding(width, height));
    });
    process.start();
    process.done.catch((error) => this.#failure = { error });
    return process;
  }

  #mapping(): readonly string[] {
    const { withSubtitles } = this.#plan;
    const subtitles = withSubtitles ? ["-map", "1:s?"] : [];
    return ["-map", "0:v:0", "-map", "1:a?", ...subtitles, "-map_metadata", "1", "-map_chapters", "1"];
  }

  #encoding(width: number, height: number): readonly string[] {
    const { template, codec, format, crf, lossless, reorder } = this.#plan;
    const pixels = width % 2 === 0 && height % 2 === 0 ? "yuv420p" : "yuv444p";
    const aspect = `setsar=${template.ffmpeg?.sampleAspect ?? "1/1"}`;
    const settings = Object.entries(encoderOptions(codec, { crf, lossless, width, reorder }))
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
