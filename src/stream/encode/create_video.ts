import type { OutputFormat } from "node-av/lib";
import { AVFMT_GLOBALHEADER } from "node-av/constants";
import type { Frame, FrameSink, MediaInfo, SampleFormat } from "../../frame.ts";
import { type JobMemory, planJobMemory } from "../../job_memory.ts";
import { PartFile } from "../../part_file.ts";
import { openContainer } from "../ffmpeg/open_container.ts";
import { videoStream } from "../ffmpeg/video_stream.ts";
import { videoLoad } from "../ffmpeg/video_load.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import { checkMemory } from "../source_options.ts";
import type { CopiedVideo, SinkOptions, VideoTemplate } from "../sink_options.ts";
import { checkOutput } from "../check/check_output.ts";
import { chooseCodec } from "./choose_codec.ts";
import { containerOf, holdsTimes, refuseCodec } from "./container_format.ts";
import { leastEncoderBytes } from "./fit_encoder.ts";
import { plainTemplate, type StreamTemplate, templateOf } from "./stream_template.ts";
import type { Verification } from "../verification.ts";
import type { VideoCodec } from "../video_codecs.ts";
import type { Quality } from "./video_codec.ts";
import { VideoEncoder } from "./video_encoder.ts";
import { type CopiedFile, VideoMuxer } from "./video_muxer.ts";

/** Options of {@linkcode createVideo}. */
export interface CreateVideoOptions extends SinkOptions {
  /** What the frames are like; `FrameSource.info` fits. */
  readonly template: VideoTemplate;
  /** File to take everything beside the pictures from. @default {none: the output holds the pictures alone} */
  readonly copy?: CopiedVideo | undefined;
}

/**
 * Starts writing a video file. Of the file to copy from, audio, subtitles, attachments and tags are copied as they are, and
 * rotation, sample aspect, colour tags and times are kept; the size is that of the first frame. The output grows as
 * `NAME.part` in the same folder and gets its name when `frames` is closed; aborting or disposing the sink before
 * that removes it. At most 1 frame waits in `frames` (its high-water mark).
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the file to copy from, cannot be written there, or its
 * container cannot hold the codec.
 * @throws {RangeError} if `crf` or `codec` is none that exists, or `crf` is given for ffv1.
 */
export async function createVideo(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const { template, copy, lossless = false, overwrite = false, memory, verify = "streams" } = options;
  checkMemory(options);
  const format = containerOf(path);
  const { codec, crf, notes } = chooseCodec(template.codec, format, options);
  const order = holdsTimes(format)
    ? []
    : [`Without B-frames: a file of ${format.name} does not hold their times`];
  if (template.samples) planEncoding(path, template, template.samples, codec, memory);
  await using creating = new AsyncDisposableStack();
  const inputs = copy ? [copy.path] : [];
  const part = creating.adopt(
    await PartFile.create(path, { inputs, overwrite }),
    (created) => created.discard(),
  );
  await refuseCodec(path, codec, format, part.partPath);
  const copied = copy && await openCopied(copy);
  const dynamic = (template.hdr?.dynamic ?? []).map((name) =>
    `${name} metadata are left out: they cannot be written`
  );
  const plan = {
    path,
    partPath: part.partPath,
    format,
    codec,
    crf,
    lossless,
    memory,
    verify,
    notes: [...notes, ...order, ...dynamic],
  };
  const writer = new VideoWriter(plan, template, copied);
  creating.move(); // the sink owns it all from here on
  return new OwnedSink(path, part, writer);
}

/** @throws {MediaError} if the memory does not do for a job on such frames. */
function planEncoding(
  path: string,
  size: Pick<MediaInfo, "width" | "height">,
  samples: SampleFormat,
  codec: VideoCodec,
  memory: number | undefined,
): JobMemory {
  const load = videoLoad(size, samples);
  return planJobMemory(path, { ...load, encoderBytes: leastEncoderBytes(codec, load.sampleBytes) }, memory);
}

async function openCopied({ path, range }: CopiedVideo): Promise<CopiedFile> {
  const container = await openContainer(path);
  try {
    return { path, container, video: videoStream(container, path), range };
  } catch (error) {
    await container.closeInput();
    throw error;
  }
}

/** What a {@linkcode VideoWriter} writes, and how. */
interface VideoPlan extends Pick<Quality, "crf" | "lossless"> {
  readonly path: string;
  readonly partPath: string;
  readonly format: OutputFormat;
  readonly codec: VideoCodec;
  /** Bytes that this process may take for the whole job; by what is free if absent. */
  readonly memory: number | undefined;
  readonly verify: Verification;
  /** What is known before the first frame to differ from the source. */
  readonly notes: readonly string[];
}

/** Encodes frames, and muxes them with what is copied. */
class VideoWriter implements FrameWriter {
  readonly #plan: VideoPlan;
  readonly #template: StreamTemplate;
  readonly #copied: CopiedFile | undefined;
  readonly #timeBase: VideoTemplate["timeBase"];
  #started: { readonly encoder: VideoEncoder; readonly muxer: VideoMuxer } | undefined;
  readonly #resources = new AsyncDisposableStack();
  #firstPts: bigint | undefined;
  #lastPts: bigint | undefined;
  #frames = 0;
  #moved = 0;
  /** What the container does not hold, as the check of the finished file found. */
  #lost: readonly string[] = [];
  readonly #stop = new AbortController();

  constructor(plan: VideoPlan, template: VideoTemplate, copied: CopiedFile | undefined) {
    [this.#plan, this.#copied, this.#timeBase] = [plan, copied, template.timeBase];
    if (copied) this.#resources.defer(() => copied.container.closeInput());
    this.#template = copied ? templateOf(copied.video, template) : plainTemplate(template);
  }

  get notes(): readonly string[] {
    const moved = this.#moved > 0
      ? [`${this.#moved} frames did not come after the one before them, and were moved in time`]
      : [];
    const { encoder, muxer } = this.#started ?? {};
    return [...this.#plan.notes, ...encoder?.notes ?? [], ...muxer?.notes ?? [], ...moved, ...this.#lost];
  }

  async write(frame: Frame): Promise<void> {
    const { encoder, muxer } = this.#started ??= await this.#start(frame);
    let pts = muxer.shift(frame.pts);
    if (this.#lastPts !== undefined && pts <= this.#lastPts) {
      pts = this.#lastPts + 1n;
      this.#moved++;
    }
    this.#firstPts ??= pts;
    this.#lastPts = pts;
    this.#frames++;
    await encoder.encode({ ...frame, pts }, (packet) => muxer.write(packet));
  }

  async finish(): Promise<void> {
    if (this.#started === undefined) return;
    const { encoder, muxer } = this.#started;
    await encoder.flush((packet) => muxer.write(packet));
    await muxer.finish();
  }

  async findDifferences(): Promise<readonly string[]> {
    const { partPath: path, verify, codec } = this.#plan;
    const { num, den } = this.#timeBase;
    const seconds = (pts = 0n) => Number(pts) * num / den;
    const frames = this.#frames;
    const { wrong, lost } = await checkOutput({
      path,
      verify,
      video: { codec, frames, first: seconds(this.#firstPts), last: seconds(this.#lastPts) },
      source: this.#started?.muxer.source,
      signal: this.#stop.signal,
    });
    this.#lost = lost;
    return wrong;
  }

  interrupt(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Everything that needs the size of the pictures happens at the first of them. */
  async #start(frame: Frame): Promise<{ encoder: VideoEncoder; muxer: VideoMuxer }> {
    const { path, partPath, format, codec, crf, lossless, memory } = this.#plan;
    const { encoder: encoderBytes } = planEncoding(path, frame, this.#template.samples, codec, memory);
    const encoder = this.#resources.use(
      await VideoEncoder.open(path, frame, {
        codec,
        crf,
        lossless,
        memory: encoderBytes,
        reorder: holdsTimes(format),
        globalHeader: format.hasFlags(AVFMT_GLOBALHEADER),
        template: this.#template,
      }),
    );
    const timeBase = this.#timeBase;
    const muxer = this.#resources.use(
      new VideoMuxer({ path, partPath, format, timeBase, copied: this.#copied, hdr: this.#template.hdr }),
    );
    await muxer.start(encoder.context);
    return { encoder, muxer };
  }
}
