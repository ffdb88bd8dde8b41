import {
  type CodecContext,
  Dictionary,
  FormatContext,
  OutputFormat,
  type Packet,
  type Stream,
} from "node-av/lib";
import {
  AV_CODEC_ID_HEVC,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_ICC_PROFILE,
  AV_PKT_DATA_SPHERICAL,
  AV_PKT_DATA_STEREO3D,
  AVFMT_NOFILE,
} from "node-av/constants";
import { MediaError } from "../errors.ts";
import type { MediaInfo } from "../frame.ts";
import { canHold } from "./can_hold.ts";
import { countChapters } from "./count_chapters.ts";
import { ffmpegResult } from "./ffmpeg_result.ts";
import { fileAddress } from "./open_container.ts";
import { addCopiedStream, StreamCopier } from "./stream_copier.ts";
import { beginningOf, describeStream, isMovingVideo } from "./video_stream.ts";

/** What the container says about a stream that holds for the restored pictures too. */
const KEPT_SIDE_DATA: readonly number[] = [
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_ICC_PROFILE,
  AV_PKT_DATA_SPHERICAL,
  AV_PKT_DATA_STEREO3D,
];

/** Tags of the file that describe the old container, not what is in it. */
const DROPPED_TAGS = new Set(["major_brand", "minor_version", "compatible_brands", "encoder"]);

/** A source file that is open for reading, and the stream of it that is replaced by the restored one. */
export interface SourceFile {
  readonly container: FormatContext;
  readonly video: Stream;
}

/** What {@linkcode VideoMuxer} reads the other streams from, and where it writes. */
export interface VideoMuxerOptions {
  /** Output file as the user wrote it, and the file it grows in. */
  readonly path: string;
  readonly partPath: string;
  readonly format: OutputFormat;
  /** Source file, if it is one; the muxer reads it on but does not close it. */
  readonly source: SourceFile | undefined;
  readonly info: MediaInfo;
}

/** Writes restored video packets and copies everything else of the source beside them. */
export class VideoMuxer {
  /** What could not be kept, one line each. */
  readonly notes: string[] = [];
  readonly #options: VideoMuxerOptions;
  readonly #output = new FormatContext();
  /** Microseconds that every time of every stream moves back by. */
  readonly #offset: number;
  #stream: Stream | undefined;
  #copier: StreamCopier | undefined;
  #encoderTimeBase: { num: number; den: number } = { num: 0, den: 1 };

  constructor(options: VideoMuxerOptions) {
    this.#options = options;
    this.#offset = commonOffset(options);
    const { format, partPath, path } = options;
    ffmpegResult(
      this.#output.allocOutputContext2(format, null, fileAddress(partPath)),
      path,
      "set up the container",
    );
  }

  /** Adds all streams and writes the header. The encoder is open by now, so that its headers are known. */
  async start(encoder: CodecContext): Promise<void> {
    const { source, path } = this.#options;
    if (source) await this.#addAll(source, encoder);
    else this.#stream = this.#addVideo(encoder);
    ffmpegResult(await this.#output.openOutput(), path, "write the output");
    using options = Dictionary.fromObject(this.#muxerOptions());
    ffmpegResult(
      await this.#output.writeHeader(options),
      path,
      `write a ${this.#name()} file with these streams`,
    );
  }

  /** The streams of the source in their order, as far as the container can hold them, and the tags of the file. */
  async #addAll({ container, video }: SourceFile, encoder: CodecContext): Promise<void> {
    const { info } = this.#options;
    const copies = new Map<number, Stream>();
    for (const stream of container.streams) {
      if (stream.index === video.index) this.#stream = this.#addVideo(encoder, video);
      else if (await this.#canCopy(stream)) {
        copies.set(stream.index, addCopiedStream(this.#output, stream, this.#sameFamily()));
        if (isMovingVideo(stream)) {
          this.notes.push(
            `Stream ${stream.index} (${describeStream(stream)}) is copied as it is: one video is restored`,
          );
        }
      } else if (!this.#isMadeAnew(stream)) {
        this.notes.push(
          `Stream ${stream.index} (${describeStream(stream)}) is left out: ${this.#name()} cannot hold it`,
        );
      }
    }
    const chapters = await countChapters(container);
    if (chapters > 0) this.notes.push(`Its ${chapters} chapters are left out: they cannot be written yet`);
    const { start, duration } = info.range ?? { start: 0 };
    const begin = (beginningOf(container) + start) * 1e6;
    const from = start === 0 ? -Infinity : begin; // the priming of sound lies before 0
    const until = duration === undefined ? Infinity : begin + duration * 1e6;
    this.#copier = new StreamCopier(container, this.#output, copies, this.#offset, { from, until });
    await this.#copier.seek();
    this.#output.metadata = Dictionary.fromObject(keptTags(container));
  }

  /** Writes one packet of the encoder, after everything of the other streams that comes before it. */
  async write(packet: Packet): Promise<void> {
    const { path } = this.#options;
    if (this.#stream === undefined) throw new Error("Written to before its start");
    const copied = await this.#copier?.copyUntil({ time: packet.dts, timeBase: this.#encoderTimeBase });
    ffmpegResult(copied ?? 0, path, "copy a packet of another stream");
    packet.rescaleTs(this.#encoderTimeBase, this.#stream.timeBase);
    packet.streamIndex = this.#stream.index;
    ffmpegResult(await this.#output.interleavedWriteFrame(packet), path, "write a packet of the video");
  }

  /** Copies what is left of the other streams and completes the file. */
  async finish(): Promise<void> {
    const { path } = this.#options;
    ffmpegResult(await this.#copier?.copyUntil() ?? 0, path, "copy a packet of another stream");
    if (this.#copier?.damage !== undefined) this.notes.push(this.#copier.damage);
    ffmpegResult(await this.#output.writeTrailer(), path, "complete the output");
  }

  /** Closes the file, complete or not. */
  async close(): Promise<void> {
    this.#copier?.[Symbol.dispose]();
    await this.#output.closeOutput();
    this.#output.freeContext();
  }

  /** The frame time that becomes `pts` in the output, in the source's units. */
  shift(pts: bigint): bigint {
    const { num, den } = this.#options.info.timeBase;
    return pts - BigInt(Math.round(this.#offset / 1e6 * den / num));
  }

  #name(): string {
    return this.#options.format.name ?? "this container";
  }

  #sameFamily(): boolean {
    const read = this.#options.source?.container.iformat?.name?.split(",") ?? [];
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
    stream.timeBase = encoder.timeBase;
    this.#encoderTimeBase = { num: encoder.timeBase.num, den: encoder.timeBase.den };
    stream.sampleAspectRatio = encoder.sampleAspectRatio;
    stream.avgFrameRate = encoder.framerate;
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

  async #canCopy(stream: Stream): Promise<boolean> {
    const { format, partPath } = this.#options;
    return await canHold(format, fileAddress(partPath), (trial) => {
      addCopiedStream(trial, stream, this.#sameFamily());
    });
  }

  /** MP4 writes its timecode track by itself, from the timecode tag of the video stream. */
  #isMadeAnew(stream: Stream): boolean {
    return stream.codecpar.codecTagString === "tmcd" && /mp4|mov/.test(this.#name()) &&
      this.#options.source?.video.metadata?.get("timecode") !== null;
  }

  #muxerOptions(): Record<string, string> {
    const ownKeys = Object.keys(this.#options.source?.container.metadata?.getAll() ?? {}).some((key) =>
      key.startsWith("com.")
    );
    if (/^(mp4|mov|ipod|3gp|3g2|ismv|f4v)$/.test(this.#name())) {
      return { movflags: ownKeys ? "+faststart+use_metadata_tags" : "+faststart" };
    }
    return this.#name() === "mpegts" ? { mpegts_copyts: "1" } : {};
  }
}

/**
 * A range begins at 0 in the output. A whole file keeps its times, but for those of a transport stream, whose
 * beginning is arbitrary and means nothing in another container.
 */
function commonOffset({ source, format, info }: VideoMuxerOptions): number {
  if (source === undefined) return 0;
  const beginning = beginningOf(source.container) * 1e6;
  if (info.range) return Math.round(beginning + info.range.start * 1e6);
  const mpeg = /mpeg|vob|dvd/;
  const arbitrary = mpeg.test(source.container.iformat?.name ?? "") && !mpeg.test(format.name ?? "");
  return arbitrary ? Math.round(beginning) : 0;
}

function keptTags(source: FormatContext): Record<string, string> {
  const tags = Object.entries(source.metadata?.getAll() ?? {});
  return Object.fromEntries(tags.filter(([key]) => !DROPPED_TAGS.has(key)));
}

/** The container that a file name asks for. @throws {MediaError} if its extension says none. */
export function containerOf(path: string): OutputFormat {
  const format = OutputFormat.guessFormat(null, path, null);
  // Formats that write many files, or none, hold no video file: "image2" for .png.
  if (format === null || format.hasFlags(AVFMT_NOFILE)) {
    throw new MediaError(path, "No container has this extension; wanted .mp4, .mov, .mkv or .webm");
  }
  return format;
}
