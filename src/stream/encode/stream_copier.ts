import { Buffer } from "node:buffer";
import {
  avCompareTs,
  FFmpegError,
  type FormatContext,
  type OutputFormat,
  Packet,
  type Stream,
} from "node-av/lib";
import {
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_DATA,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
} from "node-av/constants";
import type { MediaInfo } from "../../frame.ts";
import { AVERROR_EAGAIN } from "../ffmpeg/ffmpeg_result.ts";
import { repackagingOf } from "./repackage.ts";
import { beginningOf } from "../ffmpeg/video_stream.ts";

/** A time, exactly. */
export interface ExactTime {
  readonly time: bigint;
  readonly timeBase: { readonly num: number; readonly den: number };
}

/** Microseconds, FFmpeg's own unit, in which a common offset of all streams is counted. */
const MICROSECONDS = { num: 1, den: 1_000_000 };

/** Seconds before a range from which packets are read: a subtitle may have appeared that much earlier. */
const LOOK_BACK_SECONDS = 60;

/** The part of a file whose packets are copied, in microseconds of that file. */
export interface CopiedRange {
  readonly from: number;
  readonly until: number;
  /** Whether the new container can have players skip what is before `from` in the first packet that overlaps it. */
  readonly canTrim: boolean;
}

/**
 * Copies packets of every stream but the restored one from the source file to the output, as they are. It holds one
 * packet at a time and reads on only as far as the video has come, so memory does not grow with the file.
 */
export class StreamCopier implements Disposable {
  readonly #source: FormatContext;
  readonly #output: FormatContext;
  /** Output stream by index of the source's. */
  readonly #streams: ReadonlyMap<number, Stream>;
  readonly #offset: number;
  readonly #range: CopiedRange;
  /** Microseconds at which picture and sound of the source end. */
  readonly #shown: number;
  readonly #packet = new Packet();
  #held = false;
  #ended = false;
  /** Why reading ended before the end of the file, in one line. */
  damage: string | undefined;

  /**
   * @param streams output stream by index of the source's
   * @param offset microseconds that every time moves back by
   * @param range packets that overlap it are kept; where players cannot skip their first part, those of which half does
   */
  constructor(
    source: FormatContext,
    output: FormatContext,
    streams: ReadonlyMap<number, Stream>,
    offset: number,
    range: CopiedRange,
  ) {
    [this.#source, this.#output, this.#streams] = [source, output, streams];
    this.#offset = offset;
    this.#range = range;
    this.#shown = endOfMedia(source);
    this.#packet.alloc();
    for (const stream of source.streams) if (!streams.has(stream.index)) stream.discard = AVDISCARD_ALL;
  }

  /** Seeks to near the beginning of the range. */
  async seek(): Promise<void> {
    const target = this.#range.from - LOOK_BACK_SECONDS * 1e6;
    // Demuxers of some formats, asked for a time before the first, go anywhere.
    if (this.#streams.size === 0 || target <= beginningOf(this.#source) * 1e6) return;
    await this.#source.seekFrame(-1, BigInt(Math.round(target)), AVSEEK_FLAG_BACKWARD);
  }

  /**
   * Copies packets up to a time of the output; all that remain without one.
   *
   * @returns FFmpeg's result: negative if writing failed.
   */
  async copyUntil(until?: ExactTime): Promise<number> {
    if (this.#streams.size === 0) return 0;
    while (this.#held || await this.#read()) {
      this.#held = true;
      const target = this.#streams.get(this.#packet.streamIndex);
      const source = this.#source.streams[this.#packet.streamIndex];
      if (target && source && this.#isInRange(source)) {
        const time = this.#shiftedTime(source);
        if (until && avCompareTs(time, source.timeBase, until.time, until.timeBase) > 0) return 0;
        const written = await this.#write(source, target);
        if (written < 0) return written;
      }
      this.#packet.unref();
      this.#held = false;
    }
    return 0;
  }

  async #read(): Promise<boolean> {
    if (this.#ended) return false;
    for (;;) {
      const read = await this.#source.readFrame(this.#packet);
      if (read >= 0) return true;
      if (read === AVERROR_EAGAIN) continue;
      this.#ended = true;
      if (read !== AVERROR_EOF) this.damage = `The copied streams end early: ${FFmpegError.strerror(read)}`;
      return false;
    }
  }

  #isInRange(source: Stream): boolean {
    const begin = this.#microseconds(
      this.#packet.pts === AV_NOPTS_VALUE ? this.#packet.dts : this.#packet.pts,
      source,
    );
    if (begin === undefined) return true;
    const length = this.#microseconds(this.#packet.duration, source) ?? 0;
    const { from, until, canTrim } = this.#range;
    const middle = begin +
      (canTrim || source.codecpar.codecType === AVMEDIA_TYPE_SUBTITLE ? length : length / 2);
    return begin < until && (begin >= from || middle > from);
  }

  #microseconds(time: bigint, source: Stream): number | undefined {
    return time === AV_NOPTS_VALUE
      ? undefined
      : Number(time) * 1e6 * source.timeBase.num / source.timeBase.den;
  }

  #shiftedTime(source: Stream): bigint {
    const time = this.#packet.dts === AV_NOPTS_VALUE ? this.#packet.pts : this.#packet.dts;
    return time === AV_NOPTS_VALUE ? 0n : time - this.#units(source);
  }

  /** The common offset in a stream's own units. */
  #units(stream: Stream): bigint {
    return BigInt(Math.round(this.#offset * stream.timeBase.den / stream.timeBase.num / MICROSECONDS.den));
  }

  async #write(source: Stream, target: Stream): Promise<number> {
    const repackage = repackagingOf(source, target, this.#output.oformat);
    if (repackage === undefined) return await this.#writePacket(this.#packet, source, target);
    for (const { data, delay, duration } of repackage(source, this.#packet)) {
      using packet = new Packet();
      packet.alloc();
      packet.data = Buffer.from(data);
      packet.pts = this.#packet.pts + delay;
      packet.dts = this.#packet.dts + delay;
      packet.duration = duration;
      packet.flags = this.#packet.flags;
      const written = await this.#writePacket(packet, source, target);
      if (written < 0) return written;
    }
    return 0;
  }

  async #writePacket(packet: Packet, source: Stream, target: Stream): Promise<number> {
    const units = this.#units(source);
    if (packet.pts !== AV_NOPTS_VALUE) packet.pts -= units;
    if (packet.dts !== AV_NOPTS_VALUE) packet.dts -= units;
    const { codecType } = source.codecpar;
    if (codecType === AVMEDIA_TYPE_SUBTITLE) this.#trimToRange(packet, source);
    if (codecType === AVMEDIA_TYPE_DATA) {
      this.#trimEnd(packet, source, Math.min(this.#range.until, this.#shown));
    }
    packet.rescaleTs(source.timeBase, target.timeBase);
    packet.streamIndex = target.index;
    packet.pos = -1n;
    return await this.#output.interleavedWriteFrame(packet);
  }

  /**
   * A subtitle that is shown when the range begins is shown from its beginning, and one that is shown beyond its end ends
   * there. Sound needs none of this: its packets are short, and the container trims the first.
   */
  #trimToRange(packet: Packet, source: Stream): void {
    if (packet.pts === AV_NOPTS_VALUE) return;
    if (this.#range.from !== -Infinity && packet.pts < 0n) {
      packet.duration += packet.pts;
      packet.pts = 0n;
      packet.dts = 0n;
    }
    this.#trimEnd(packet, source, this.#range.until);
  }

  /**
   * Ends a packet at a time of the source. Measurements of a camera, a second of them in a packet, would otherwise make the file longer
   * than its picture and sound.
   */
  #trimEnd(packet: Packet, { timeBase: { num, den } }: Stream, until: number): void {
    if (until === Infinity || packet.pts === AV_NOPTS_VALUE) return;
    const end = BigInt(Math.round((until - this.#offset) * den / num / MICROSECONDS.den));
    if (packet.pts < end && packet.pts + packet.duration > end) packet.duration = end - packet.pts;
  }

  [Symbol.dispose](): void {
    this.#packet.free();
  }
}

/** Microseconds at which the last picture and sound end; `Infinity` where a stream does not say. */
function endOfMedia({ streams }: FormatContext): number {
  const shown = streams.filter(({ codecpar: { codecType } }) =>
    codecType === AVMEDIA_TYPE_VIDEO || codecType === AVMEDIA_TYPE_AUDIO
  );
  const ends = shown.map(({ startTime, duration, timeBase: { num, den } }) =>
    duration > 0n && startTime !== AV_NOPTS_VALUE ? Number(startTime + duration) * 1e6 * num / den : Infinity
  );
  return Math.max(...ends);
}

/**
 * Microseconds that every time of a file that is copied moves back by. A range begins at 0 in the output. A whole file keeps its times,
 * but for those of a transport stream, whose beginning is arbitrary and means nothing in another container.
 */
export function commonOffset(
  { container, range }: { readonly container: FormatContext; readonly range: MediaInfo["range"] | undefined },
  format: OutputFormat,
): number {
  const beginning = beginningOf(container) * 1e6;
  if (range) return Math.round(beginning + range.start * 1e6);
  const mpeg = /mpeg|vob|dvd/;
  const isArbitrary = mpeg.test(container.iformat?.name ?? "") && !mpeg.test(format.name ?? "");
  return isArbitrary ? Math.round(beginning) : 0;
}

/** Adds to `output` a stream that holds what `source` holds. */
export function addCopiedStream(output: FormatContext, source: Stream, keepTag: boolean): Stream {
  const stream = output.newStream(null);
  source.codecpar.copy(stream.codecpar);
  if (!keepTag) stream.codecpar.codecTag = 0;
  stream.timeBase = source.timeBase;
  stream.disposition = source.disposition;
  stream.sampleAspectRatio = source.sampleAspectRatio;
  stream.avgFrameRate = source.avgFrameRate;
  stream.rFrameRate = source.rFrameRate;
  stream.metadata = source.metadata;
  return stream;
}
