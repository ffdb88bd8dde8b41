import type { OutputFormat } from "node-av/lib";
import { AVFMT_GLOBALHEADER } from "node-av/constants";
import type { Frame, FrameSink } from "../../frame.ts";
import { PartFile } from "../../part_file.ts";
import { openContainer } from "../ffmpeg/open_container.ts";
import { videoStream } from "../ffmpeg/video_stream.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import { JoinedPackets } from "../packets/joined_packets.ts";
import { PacketFileWriter } from "../packets/packet_file_writer.ts";
import type { CopiedVideo, SinkOptions, VideoTemplate } from "../sink_options.ts";
import { chooseCodec } from "./choose_codec.ts";
import { containerOf, refuseCodec } from "./container_format.ts";
import { plainTemplate, type StreamTemplate, templateOf } from "./stream_template.ts";
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
  /** Threads of the encoder: what it writes depends on their number. @default {as many as it thinks fit} */
  readonly encoderThreads?: number;
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
  const { part, writer } = await openWriter(path, path, options);
  return new OwnedSink(path, part, writer);
}

/**
 * Starts writing a segment of the video `output`: a file of encoded packets for {@linkcode joinVideo}. One that is there is replaced.
 *
 * @throws {MediaError} as {@linkcode createVideo} does.
 */
export async function createSegment(
  path: string,
  output: string,
  options: CreateVideoOptions,
): Promise<FrameSink> {
  const { part, writer } = await openWriter(path, output, options, true);
  return new OwnedSink(path, part, writer);
}

/**
 * Writes the video that {@linkcode createVideo} would, of segments that {@linkcode createSegment} wrote with the same options. The same
 * segments give the same bytes.
 *
 * @param place Where to write it, a file of a folder that belongs to this job. @default {path}
 * @returns What could not be kept as it was in the source, one line each.
 * @throws {MediaError} as {@linkcode createVideo} does, or naming a segment that is damaged or does not fit the others.
 */
export async function joinVideo(
  path: string,
  options: CreateVideoOptions,
  segments: readonly string[],
  { place = path, signal }: { readonly place?: string; readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  const { part, writer } = await openWriter(place, path, options, false);
  try {
    await writer.join(segments, signal);
    await writer[Symbol.asyncDispose]();
    await part.complete();
    return writer.notes;
  } finally {
    await writer[Symbol.asyncDispose]();
    await part.discard();
  }
}

/** @param name of the whole output, which says its format */
async function openWriter(
  path: string,
  name: string,
  options: CreateVideoOptions,
  isSegment?: boolean,
): Promise<{ part: PartFile; writer: VideoWriter }> {
  const { template, copy, lossless = false, overwrite = false, encoderThreads: threads = 0 } = options;
  const format = containerOf(name);
  const { codec, crf, notes } = chooseCodec(template.codec, format, options);
  await using creating = new AsyncDisposableStack();
  const inputs = copy ? [copy.path] : [];
  const takeOver = isSegment !== undefined; // its folder belongs to one job
  const part = creating.adopt(
    await PartFile.create(path, { inputs, overwrite: overwrite || takeOver, takeOver }),
    (created) => created.discard(),
  );
  await refuseCodec(name, codec, format, part.partPath);
  const copied = copy && await openCopied(copy);
  const plan = { path, partPath: part.partPath, format, codec, crf, lossless, notes, threads, isSegment };
  const writer = new VideoWriter(plan, template, copied);
  creating.move(); // the caller owns it all from here on
  return { part, writer };
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
  /** What is known before the first frame to differ from the source. */
  readonly notes: readonly string[];
  readonly threads: number;
  /** Whether only packets are written, for a video of segments; `undefined` if it has none. */
  readonly isSegment: boolean | undefined;
}

/** Encodes frames, and muxes them with what is copied. */
class VideoWriter implements FrameWriter {
  readonly #plan: VideoPlan;
  readonly #template: StreamTemplate;
  readonly #copied: CopiedFile | undefined;
  readonly #timeBase: VideoTemplate["timeBase"];
  #started: { readonly encoder: VideoEncoder; readonly muxer: VideoMuxer | PacketFileWriter } | undefined;
  readonly #resources = new AsyncDisposableStack();
  #lastPts: bigint | undefined;
  #moved = 0;

  constructor(plan: VideoPlan, template: VideoTemplate, copied: CopiedFile | undefined) {
    [this.#plan, this.#copied, this.#timeBase] = [plan, copied, template.timeBase];
    if (copied) this.#resources.defer(() => copied.container.closeInput());
    this.#template = copied ? templateOf(copied.video) : plainTemplate(template);
  }

  get notes(): readonly string[] {
    const moved = this.#moved > 0
      ? [`${this.#moved} frames did not come after the one before them, and were moved in time`]
      : [];
    const { encoder, muxer } = this.#started ?? {};
    return [...this.#plan.notes, ...encoder?.notes ?? [], ...muxer?.notes ?? [], ...moved];
  }

  async write(frame: Frame): Promise<void> {
    const { encoder, muxer } = this.#started ??= await this.#start(frame);
    let pts = muxer.shift(frame.pts);
    if (this.#lastPts !== undefined && pts <= this.#lastPts) {
      pts = this.#lastPts + 1n;
      this.#moved++;
    }
    this.#lastPts = pts;
    await encoder.encode({ ...frame, pts }, (packet) => muxer.write(packet));
  }

  async finish(): Promise<void> {
    if (this.#started === undefined) return;
    const { encoder, muxer } = this.#started;
    await encoder.flush((packet) => muxer.write(packet));
    await muxer.finish();
  }

  /** Writes the packets of segments, in their order, instead of frames. */
  async join(segments: readonly string[], signal?: AbortSignal): Promise<void> {
    const joining = await JoinedPackets.open(segments);
    const { encoder, muxer } = this.#started ??= await this.#start(joining.head);
    joining.refuseOther(encoder.context);
    for await (const packet of joining.packets((pts) => muxer.shift(pts))) {
      signal?.throwIfAborted();
      await muxer.write(packet);
    }
    await muxer.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Everything that needs the size of the pictures happens at the first of them. */
  async #start(frame: Pick<Frame, "width" | "height">) {
    const { path, partPath, format, codec, crf, lossless, threads, isSegment } = this.#plan;
    const encoder = this.#resources.use(
      await VideoEncoder.open(path, frame, {
        codec,
        crf,
        lossless,
        threads,
        isExact: isSegment !== undefined,
        globalHeader: format.hasFlags(AVFMT_GLOBALHEADER),
        template: this.#template,
      }),
    );
    const timeBase = this.#timeBase;
    const muxer = this.#resources.use(
      isSegment ? new PacketFileWriter(path, partPath) : new VideoMuxer({
        path,
        partPath,
        format,
        timeBase,
        copied: this.#copied,
        isExact: isSegment === false,
      }),
    );
    await muxer.start(encoder.context);
    return { encoder, muxer };
  }
}
