import { avGetCodecName, avGetMediaTypeString, type FormatContext, Packet, type Stream } from "node-av/lib";
import {
  AV_CODEC_ID_MOV_TEXT,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AVERROR_EOF,
} from "node-av/constants";
import { AVERROR_EAGAIN, ffmpegResult } from "../ffmpeg/ffmpeg_result.ts";
import { openContainer } from "../ffmpeg/open_container.ts";
import { describeStream, videoStream } from "../ffmpeg/video_stream.ts";

/** What the packets of one stream of a file say, without decoding them. */
export interface StreamFacts {
  readonly index: number;
  /** "audio aac 48000 Hz". */
  readonly name: string;
  /** "video", "audio", "subtitle"; "picture" for a cover. */
  readonly type: string;
  /** By FFmpeg's name. */
  readonly codec: string;
  /** FFmpeg's bits. */
  readonly disposition: number;
  /** With names in lower case: containers spell them differently. */
  readonly tags: ReadonlyMap<string, string>;
  /** Those that players only decode, such as the priming of sound, count too. */
  readonly packets: number;
  readonly bytes: number;
  /** Seconds at which the first packet begins, at which the last one begins, and at which the last one ends; absent if none has a time. */
  readonly times?: { readonly first: number; readonly last: number; readonly end: number };
}

/** What a file holds. */
export interface FileFacts {
  /** FFmpeg's names of the format: "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly format: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly streams: readonly StreamFacts[];
  /** Index of the stream that is restored, or was. */
  readonly video: number;
}

/**
 * Reads every packet of a file and says what each stream holds. Nothing is decoded.
 *
 * @throws {MediaError} if the file cannot be read.
 */
export async function readFileFacts(path: string, signal?: AbortSignal): Promise<FileFacts> {
  const container = await openContainer(path, { signal });
  try {
    const counts = container.streams.map(() => new PacketCount());
    await countPackets(container, path, counts, signal);
    return {
      format: container.iformat?.name ?? "",
      tags: tagsOf(container),
      streams: container.streams.map((stream, i) => factsOf(stream, counts[i])),
      video: videoStream(container, path).index,
    };
  } finally {
    await container.closeInput();
  }
}

/** What was seen of one stream's packets, times in its units. */
class PacketCount {
  packets = 0;
  bytes = 0;
  first: bigint | undefined;
  last: bigint | undefined;
  end: bigint | undefined;

  add({ pts, dts, duration, size }: Packet): void {
    this.packets++;
    this.bytes += size;
    const time = pts === AV_NOPTS_VALUE ? dts : pts;
    if (time === AV_NOPTS_VALUE) return;
    if (this.first === undefined || time < this.first) this.first = time;
    if (this.last === undefined || time > this.last) this.last = time;
    if (this.end === undefined || time + duration > this.end) this.end = time + duration;
  }
}

async function countPackets(
  container: FormatContext,
  path: string,
  counts: readonly PacketCount[],
  signal: AbortSignal | undefined,
): Promise<void> {
  using packet = new Packet();
  packet.alloc();
  for (;;) {
    signal?.throwIfAborted();
    const read = await container.readFrame(packet);
    if (read === AVERROR_EAGAIN) continue;
    if (read === AVERROR_EOF) return;
    ffmpegResult(read, path, "read it to its end");
    if (!isGap(container.streams[packet.streamIndex], packet)) counts[packet.streamIndex]?.add(packet);
    packet.unref();
  }
}

/** MP4 fills the time between two subtitles with one that has no text: how often is up to the muxer. */
function isGap(stream: Stream | undefined, { size }: Packet): boolean {
  return stream?.codecpar.codecId === AV_CODEC_ID_MOV_TEXT && size <= 2;
}

function factsOf(stream: Stream, count: PacketCount = new PacketCount()): StreamFacts {
  const { codecpar, timeBase: { num, den }, index, disposition } = stream;
  const seconds = (time: bigint) => Number(time) * num / den;
  const { packets, bytes, first, last, end } = count;
  const isCover = stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC);
  return {
    index,
    name: describeStream(stream),
    type: isCover ? "picture" : avGetMediaTypeString(codecpar.codecType) ?? "unknown",
    codec: avGetCodecName(codecpar.codecId) ?? "unknown",
    disposition,
    tags: tagsOf(stream),
    packets,
    bytes,
    ...(first !== undefined && last !== undefined && end !== undefined &&
      { times: { first: seconds(first), last: seconds(last), end: seconds(end) } }),
  };
}

function tagsOf({ metadata }: Pick<Stream, "metadata">): ReadonlyMap<string, string> {
  const tags = Object.entries(metadata?.getAll() ?? {});
  return new Map(tags.map(([name, value]) => [name.toLowerCase(), value]));
}
