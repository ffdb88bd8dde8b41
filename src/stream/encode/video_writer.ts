import type { OutputFormat } from "node-av/lib";
import { AVFMT_GLOBALHEADER } from "node-av/constants";
import type { Frame, MediaInfo, SampleFormat } from "../../frame.ts";
import { type JobMemory, planJobMemory } from "../../job_memory.ts";
import { checkOutput } from "../check/check_output.ts";
import { videoLoad } from "../ffmpeg/video_load.ts";
import type { ShownLength } from "../animation/animation_options.ts";
import { readAnimation } from "../animation/read_animation.ts";
import type { FrameWriter } from "../owned_sink.ts";
import { JoinedPackets } from "../packets/joined_packets.ts";
import { PacketFileWriter } from "../packets/packet_file_writer.ts";
import type { VideoTemplate } from "../sink_options.ts";
import type { Verification } from "../verification.ts";
import type { WrittenCodec } from "../video_codecs.ts";
import { holdsOpacity, holdsTimes } from "./container_format.ts";
import { type FittedEncoder, leastEncoderBytes } from "./fit_encoder.ts";
import { plainTemplate, type StreamTemplate, templateOf } from "./stream_template.ts";
import type { Quality } from "./video_codec.ts";
import { VideoEncoder } from "./video_encoder.ts";
import { type CopiedFile, VideoMuxer } from "./video_muxer.ts";

/** @throws {MediaError} if the memory does not do for a job on such frames. */
export function planEncoding(
  path: string,
  size: Pick<MediaInfo, "width" | "height">,
  samples: SampleFormat,
  codec: WrittenCodec,
  memory: number | undefined,
): JobMemory {
  const load = videoLoad(size, samples);
  return planJobMemory(path, { ...load, encoderBytes: leastEncoderBytes(codec, load.sampleBytes) }, memory);
}

/** What a {@linkcode VideoWriter} writes, and how. */
export interface VideoPlan extends Pick<Quality, "crf" | "lossless"> {
  /** The output, as errors name it. */
  readonly path: string;
  /** A file that may be overwritten: the output grows there, and what the container holds is tried there. */
  readonly partPath: string;
  /** What FFmpeg writes to instead. @default {the part file} */
  readonly address?: string;
  readonly format: OutputFormat;
  readonly codec: WrittenCodec;
  /** Bytes that this process may take for the whole job; by what is free if absent. */
  readonly memory: number | undefined;
  readonly verify: Verification;
  /** What is known before the first frame to differ from the source. */
  readonly notes: readonly string[];
  /** Whether a segment of a video is written, as a file of packets, or a video of segments. @default {neither} */
  readonly segments?: "one" | "joined" | undefined;
  /** Threads and look-ahead of the encoder of all segments. @default {by the memory} */
  readonly encoder?: FittedEncoder | undefined;
}

/** Encodes frames, and muxes them with what is copied. */
export class VideoWriter implements FrameWriter {
  readonly #plan: VideoPlan;
  readonly #template: StreamTemplate;
  readonly #copied: CopiedFile | undefined;
  readonly #timeBase: VideoTemplate["timeBase"];
  #started: { readonly encoder: VideoEncoder; readonly muxer: VideoMuxer | PacketFileWriter } | undefined;
  readonly #resources = new AsyncDisposableStack();
  #firstPts: bigint | undefined;
  #lastPts: bigint | undefined;
  #lastDuration = 0n;
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
    this.#countFrame(pts);
    this.#lastDuration = encoder.durationOf(frame);
    await encoder.encode({ ...frame, pts }, (packet) => muxer.write(packet));
  }

  /** Writes the packets of segments, in their order, instead of frames. */
  async join(segments: readonly string[], signal?: AbortSignal): Promise<void> {
    const joining = await JoinedPackets.open(segments);
    const { encoder, muxer } = this.#started ??= await this.#start(joining.head);
    joining.refuseOther(encoder.context);
    for await (const packet of joining.packets((pts) => muxer.shift(pts))) {
      signal?.throwIfAborted();
      this.#countFrame(packet.pts);
      await muxer.write(packet);
    }
    await muxer.finish();
  }

  #countFrame(pts: bigint): void {
    const [first, last] = [this.#firstPts ?? pts, this.#lastPts ?? pts];
    this.#firstPts = pts < first ? pts : first;
    this.#lastPts = pts > last ? pts : last;
    this.#frames++;
  }

  async finish(): Promise<void> {
    if (this.#started === undefined) return;
    const { encoder, muxer } = this.#started;
    await encoder.flush((packet) => muxer.write(packet));
    await (muxer instanceof VideoMuxer ? muxer.finish(this.#length()) : muxer.finish());
  }

  async findDifferences(): Promise<readonly string[]> {
    const { partPath: path, verify, codec, segments } = this.#plan;
    if (segments === "one") return [];
    const frames = this.#frames;
    const muxer = this.#started?.muxer;
    const isAnimated = codec === "apng" || codec === "webp";
    if (isAnimated && await readAnimation(path) === undefined) return this.#differencesOfStill();
    const { wrong, lost } = await checkOutput({
      path,
      verify,
      video: {
        codec: codec === "webp" ? "webp_anim" : codec, // FFmpeg reads them by another decoder than still ones
        frames,
        first: this.#seconds(this.#firstPts),
        last: this.#seconds(this.#lastPts),
        ...(codec === "webp" && { mergedEnd: this.#seconds((this.#lastPts ?? 0n) + this.#lastDuration) }),
      },
      source: muxer instanceof VideoMuxer ? muxer.source : undefined,
      signal: this.#stop.signal,
    });
    this.#lost = lost;
    return wrong;
  }

  /** Of one frame, and of frames that are all alike, a muxer or an encoder of animated pictures makes one that stands still. */
  #differencesOfStill(): readonly string[] {
    const { codec } = this.#plan;
    if (this.#frames > 1 && codec !== "webp") return [`it holds 1 frame, and ${this.#frames} were written`];
    this.#lost = [
      "It is one picture that stands still: " +
      (this.#frames > 1 ? "all frames are alike" : "there was one frame"),
    ];
    return [];
  }

  #seconds(time = 0n): number {
    return Number(time) * this.#timeBase.num / this.#timeBase.den;
  }

  #length(): ShownLength {
    const last = this.#seconds(this.#lastDuration);
    return { all: this.#seconds(this.#lastPts) - this.#seconds(this.#firstPts) + last, last };
  }

  interrupt(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** Everything that needs the size of the pictures happens at the first of them. */
  async #start(frame: Pick<Frame, "width" | "height">) {
    const { path, partPath, address, format, codec, crf, lossless, memory, segments } = this.#plan;
    const { encoder: encoderBytes } = planEncoding(path, frame, this.#template.samples, codec, memory);
    const encoder = this.#resources.use(
      await VideoEncoder.open(path, frame, {
        codec,
        crf,
        lossless,
        memory: encoderBytes,
        exact: this.#plan.encoder,
        reorder: holdsTimes(format),
        holdsOpacity: holdsOpacity(format, codec),
        globalHeader: format.hasFlags(AVFMT_GLOBALHEADER),
        template: this.#template,
      }),
    );
    const timeBase = this.#timeBase;
    const muxer = this.#resources.use(
      segments === "one" ? new PacketFileWriter(path, partPath) : new VideoMuxer({
        ...{ path, partPath, address, format, timeBase },
        copied: this.#copied,
        hdr: this.#template.hdr,
        isExact: segments === "joined",
      }),
    );
    await muxer.start(encoder.context);
    return { encoder, muxer };
  }
}
