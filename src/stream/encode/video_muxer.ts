import {
  type CodecContext,
  Dictionary,
  FormatContext,
  type OutputFormat,
  type Packet,
  Rational,
  type Stream,
} from "node-av/lib";
import {
  AV_CODEC_ID_HEVC,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_ICC_PROFILE,
  AV_PKT_DATA_SPHERICAL,
  AV_PKT_DATA_STEREO3D,
} from "node-av/constants";
import type { HdrMetadata, MediaInfo } from "../../frame.ts";
import { guardWrite } from "../../part_file.ts";
import type { CheckedSource } from "../check/check_output.ts";
import { isBluRayStream, needsBluRay } from "./blu_ray.ts";
import { canHold, holdsTimes, isY4m, keptTags, muxerOptions, needsTimes } from "./container_format.ts";
import { isChapterTrack, readChapters, writeChapters } from "./chapters.ts";
import { type ChapterList, chaptersOfPart } from "../layout/chapter.ts";
import { ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { sideDataOf } from "../ffmpeg/hdr_metadata.ts";
import { fileAddress } from "../ffmpeg/open_container.ts";
import { readAnimation } from "../animation/read_animation.ts";
import { setWebpLength } from "../animation/set_webp_length.ts";
import { animationOptions, setLastDelay, type ShownLength } from "../animation/animation_options.ts";
import { addConvertedStream, canConvert } from "./repackage.ts";
import { addCopiedStream, commonOffset, StreamCopier } from "./stream_copier.ts";
import { beginningOf, describeStream, isMovingVideo } from "../ffmpeg/video_stream.ts";

/** What fails when a packet is handed to the muxer: it sorts packets, and may fail at one that it was handed before. */
const [COPYING, WRITING] = ["write the streams that are copied", "write the streams"];

/** What the container says about a stream that holds for the restored pictures too. */
const KEPT_SIDE_DATA: readonly number[] = [
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_ICC_PROFILE,
  AV_PKT_DATA_SPHERICAL,
  AV_PKT_DATA_STEREO3D,
];

/** A file that is copied from, open for reading, and the stream of it that is replaced. */
export interface CopiedFile {
  readonly path: string;
  readonly container: FormatContext;
  readonly video: Stream;
  /** The part of it that is taken; all of it if absent. */
  readonly range: MediaInfo["range"] | undefined;
}

/** What {@linkcode VideoMuxer} reads the other streams from, and where it writes. */
export interface VideoMuxerOptions {
  /** Output file as the user wrote it, and the file it grows in. */
  readonly path: string;
  readonly partPath: string;
  /** What FFmpeg writes to instead of the part file. */
  readonly address?: string | undefined;
  readonly format: OutputFormat;
  /** Unit of the times of the frames. */
  readonly timeBase: MediaInfo["timeBase"];
  /** The muxer reads its packets, but does not close it. */
  readonly copied: CopiedFile | undefined;
  /** Write the same bytes every time: some containers give each file a random number of its own otherwise. @default {false} */
  readonly isExact?: boolean;
  /** What the video says of its display. */
  readonly hdr?: HdrMetadata | undefined;
}

/** Writes the packets of a new video stream, and copies everything else of a file beside them. Dispose it. */
export class VideoMuxer implements AsyncDisposable {
  /** What could not be kept, one line each. */
  readonly notes: string[] = [];
  /** Streams, by index, that are left out with a note, and that the muxer writes in a form of its own. */
  readonly #leftOut = new Set<number>();
  readonly #converted = new Set<number>();
  readonly #options: VideoMuxerOptions;
  readonly #output = new FormatContext();
  /** Microseconds that every time of every stream moves back by. */
  readonly #offset: number;
  /** Packets of the video, where they are counted. */
  #written = 0n;
  #stream: Stream | undefined;
  #copier: StreamCopier | undefined;
  #chapters: ChapterList = { chapters: [] };
  #encoderTimeBase: { num: number; den: number } = { num: 0, den: 1 };

  constructor(options: VideoMuxerOptions) {
    this.#options = options;
    this.#offset = options.copied ? commonOffset(options.copied, options.format) : 0;
    const { format, partPath, address = fileAddress(partPath), path } = options;
    ffmpegResult(
      this.#output.allocOutputContext2(format, null, address),
      path,
      "set up the container",
    );
  }

  /** Adds all streams and writes the header. The encoder is open by now, so that its headers are known. */
  async start(encoder: CodecContext): Promise<void> {
    const { copied, path } = this.#options;
    if (copied) await this.#addAll(copied, encoder);
    else this.#stream = this.#addVideo(encoder);
    ffmpegResult(await this.#output.openOutput(), path, "write the output");
    const { format, isExact } = this.#options;
    using options = Dictionary.fromObject({
      ...muxerOptions(format, copied?.container, isExact),
      ...animationOptions(format, copied && await readAnimation(copied.path)),
      ...(this.#isBluRay() && { mpegts_m2ts_mode: "1" }),
    });
    ffmpegResult(
      await this.#output.writeHeader(options),
      path,
      `write a ${this.#name()} file with these streams`,
    );
  }

  /** The streams of the file in their order, as far as the container can hold them, and its tags. */
  async #addAll({ path, container, video, range }: CopiedFile, encoder: CodecContext): Promise<void> {
    const copies = new Map<number, Stream>();
    const list = await readChapters(container, path);
    for (const stream of container.streams) {
      if (list.chapters.length > 0 && isChapterTrack(stream)) {
        this.#leftOut.add(stream.index); // it is written as a list
        continue;
      }
      if (stream.index === video.index) this.#stream = this.#addVideo(encoder, video);
      else if (await this.#canCopy(stream)) {
        copies.set(stream.index, addCopiedStream(this.#output, stream, this.#sameFamily()));
        if (isMovingVideo(stream)) {
          this.notes.push(`${nameOf(stream)} is copied as it is: one video is restored`);
        }
      } else if (canConvert(stream, this.#options.format)) {
        copies.set(stream.index, addConvertedStream(this.#output, stream));
        this.#converted.add(stream.index);
        this.notes.push(`${nameOf(stream)} becomes SubRip: ${this.#name()} cannot hold it as it is`);
      } else if (this.#isWrittenByMuxer(stream)) this.#converted.add(stream.index);
      else {
        this.#leftOut.add(stream.index);
        this.notes.push(`${nameOf(stream)} is left out: ${this.#name()} cannot hold it`);
      }
    }
    const { start, duration } = range ?? { start: 0 };
    const begin = (beginningOf(container) + start) * 1e6;
    const canTrim = holdsTimes(this.#options.format);
    const from = start === 0 && canTrim ? -Infinity : begin; // the priming samples of sound come before 0
    const until = duration === undefined ? Infinity : begin + duration * 1e6;
    this.#chapters = chaptersOfPart(list, {
      offset: nanoseconds(this.#offset),
      ...(start > 0 && { from: nanoseconds(begin) }),
      ...(until < Infinity && { until: nanoseconds(until) }),
    });
    this.#copier = new StreamCopier(container, this.#output, copies, this.#offset, { from, until, canTrim });
    await this.#copier.seek();
    this.#output.metadata = Dictionary.fromObject(keptTags(container));
  }

  /** Writes one packet of the encoder, after everything of the other streams that comes before it. */
  async write(packet: Packet): Promise<void> {
    const { path } = this.#options;
    if (this.#stream === undefined) throw new Error("A packet was written before start() was called");
    const copied = await this.#copier?.copyUntil({ time: packet.dts, timeBase: this.#encoderTimeBase });
    ffmpegResult(copied ?? 0, path, COPYING);
    packet.rescaleTs(this.#encoderTimeBase, this.#stream.timeBase);
    if (isY4m(this.#options.format)) packet.pts = packet.dts = this.#written++;
    // Where times are counted, the length of the last frame would be counted as frames that are not there.
    if (!holdsTimes(this.#options.format)) packet.duration = 1n;
    packet.streamIndex = this.#stream.index;
    ffmpegResult(await this.#output.interleavedWriteFrame(packet), path, WRITING);
  }

  /**
   * Copies what is left of the other streams and completes the file.
   *
   * @param length how long the frames are shown, where nothing that comes after the last one says so
   */
  async finish(length?: ShownLength): Promise<void> {
    const { path } = this.#options;
    ffmpegResult(await this.#copier?.copyUntil() ?? 0, path, COPYING);
    if (this.#copier?.damage !== undefined) this.notes.push(this.#copier.damage);
    if (length) setLastDelay(this.#output, length);
    ffmpegResult(await this.#output.writeTrailer(), path, "complete the output");
    await this.#writeChapters();
    if (length && this.#name() === "webp") await this.#setLength(length);
  }

  /** Closes the file, complete or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#copier?.[Symbol.dispose]();
    await this.#output.closeOutput();
    this.#output.freeContext();
  }

  /** The encoder of WebP, which writes all frames at once, leaves the last one as long as the others are on average. */
  async #setLength(length: ShownLength): Promise<void> {
    const { partPath, path } = this.#options;
    await this.#output.closeOutput();
    await guardWrite(path, () => setWebpLength(partPath, length));
  }

  async #writeChapters(): Promise<void> {
    const { partPath, address, format, path } = this.#options;
    const { length } = this.#chapters.chapters;
    if (length === 0) return;
    await this.#output.closeOutput();
    const isFile = address === undefined;
    if (isFile && await guardWrite(path, () => writeChapters(partPath, format, this.#chapters))) return;
    this.notes.push(`Its ${length} chapters are left out: ${this.#name()} cannot hold them`);
  }

  /** The time in the output of a frame of the time `pts`, in the same units. */
  shift(pts: bigint): bigint {
    const { num, den } = this.#options.timeBase;
    return pts - BigInt(Math.round(this.#offset / 1e6 * den / num));
  }

  /** What is copied from, and what of it is not copied as it is, for the check of the finished file. */
  get source(): CheckedSource | undefined {
    const { copied } = this.#options;
    if (copied === undefined) return undefined;
    const { path, range } = copied;
    return { path, range, leftOut: this.#leftOut, converted: this.#converted, offset: this.#offset / 1e6 };
  }

  #name(): string {
    return this.#options.format.name ?? "this container";
  }

  #sameFamily(): boolean {
    const read = this.#options.copied?.container.iformat?.name?.split(",") ?? [];
    return read.includes(this.#name());
  }

  #addVideo(encoder: CodecContext, replaced?: Stream): Stream {
    const { path } = this.#options;
    const stream = this.#output.newStream(null);
    ffmpegResult(stream.codecpar.fromContext(encoder), path, "describe the video stream");
    // Apple's players take HEVC in MP4 under this tag only.
    if (encoder.codecId === AV_CODEC_ID_HEVC && /mp4|mov/.test(this.#name())) {
      stream.codecpar.codecTag = "hvc1";
    }
    stream.timeBase = this.#unitOf(encoder);
    this.#encoderTimeBase = { num: encoder.timeBase.num, den: encoder.timeBase.den };
    stream.sampleAspectRatio = encoder.sampleAspectRatio;
    stream.avgFrameRate = encoder.framerate;
    for (const [type, data] of this.#options.hdr ? sideDataOf(this.#options.hdr) : []) {
      stream.codecpar.addCodedSideData(type, data);
    }
    if (replaced === undefined) return stream;
    for (const { type, data } of replaced.codecpar.getAllCodedSideData()) {
      if (KEPT_SIDE_DATA.includes(type)) stream.codecpar.addCodedSideData(type, data);
    }
    stream.rFrameRate = replaced.rFrameRate;
    stream.disposition = replaced.disposition;
    const { encoder: _encoder, ...tags } = replaced.metadata?.getAll() ?? {};
    stream.metadata = Dictionary.fromObject(tags);
    return stream;
  }

  /** AVI counts its units, each of which takes some bytes: one a frame will do, if frames come evenly. */
  #unitOf({ timeBase, framerate }: CodecContext): Rational {
    const { copied, format } = this.#options;
    if (isY4m(format)) return new Rational(framerate.den, framerate.num);
    const usual = copied?.video.rFrameRate ?? framerate;
    const isEven = Math.abs(usual.num * framerate.den / (usual.den * framerate.num) - 1) < 1e-3;
    return holdsTimes(format) || !isEven ? timeBase : new Rational(framerate.den, framerate.num);
  }

  async #canCopy(stream: Stream): Promise<boolean> {
    const { format, partPath } = this.#options;
    if (needsBluRay(stream, format) && !this.#isBluRay()) return false;
    if (isMovingVideo(stream) && !holdsTimes(format) && needsTimes(stream)) return false;
    return await canHold(format, fileAddress(partPath), (trial) => {
      addCopiedStream(trial, stream, this.#sameFamily());
    });
  }

  #isBluRay(): boolean {
    const { path, format, copied } = this.#options;
    return isBluRayStream(path, format, copied?.container);
  }

  /** The muxer of MP4 writes a timecode track by itself, from the timecode tag of the video stream. */
  #isWrittenByMuxer(stream: Stream): boolean {
    return stream.codecpar.codecTagString === "tmcd" && /mp4|mov/.test(this.#name()) &&
      this.#options.copied?.video.metadata?.get("timecode") !== null;
  }
}

function nameOf(stream: Stream): string {
  return `Stream ${stream.index} (${describeStream(stream)})`;
}

function nanoseconds(microseconds: number): bigint {
  return 1000n * BigInt(Math.round(microseconds));
}
