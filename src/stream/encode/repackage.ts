import type { FormatContext, OutputFormat, Packet, Stream } from "node-av/lib";
import {
  AV_CODEC_ID_AMR_WB,
  AV_CODEC_ID_MOV_TEXT,
  AV_CODEC_ID_SUBRIP,
  AVMEDIA_TYPE_SUBTITLE,
} from "node-av/constants";
import { isMp4Family } from "./container_format.ts";
import { subRipOf } from "../layout/mov_text.ts";

/** The binding has no name for it: FFmpeg numbers it before the other. */
const AV_CODEC_ID_AMR_NB = AV_CODEC_ID_AMR_WB - 1;

/** Bytes of a frame, by the type that its first byte says (3GPP TS 26.101 and 26.201, as files hold them). */
const FRAME_BYTES = new Map<number, readonly number[]>([
  [AV_CODEC_ID_AMR_NB, [13, 14, 16, 18, 20, 21, 27, 32, 6]],
  [AV_CODEC_ID_AMR_WB, [18, 24, 33, 37, 41, 47, 51, 59, 61, 6]],
]);

/** Seconds of a frame. */
const FRAME_SECONDS = 0.02;

/** Part of a packet. */
export interface PacketPart {
  readonly data: Uint8Array;
  /** Units of the stream from the packet's time on. */
  readonly delay: bigint;
  readonly duration: bigint;
}

/** Makes of a packet what the new container takes. */
export type Repackage = (source: Stream, packet: Packet) => readonly PacketPart[];

/**
 * How packets of a stream are to be made into those of a container, where they cannot be copied as they are: AMR sound and subtitles in MP4,
 * and subtitles that are converted.
 */
export function repackagingOf(
  source: Stream,
  target: Stream,
  format: OutputFormat | null,
): Repackage | undefined {
  const { codecId } = source.codecpar;
  if (codecId === AV_CODEC_ID_MOV_TEXT && target.codecpar.codecId === AV_CODEC_ID_SUBRIP) return asSubRip;
  if (!isMp4Family(format?.name)) return undefined;
  if (codecId === AV_CODEC_ID_MOV_TEXT) return withoutGaps;
  return FRAME_BYTES.has(codecId) ? splitAmr : undefined;
}

/** Whether subtitles that a container cannot hold can be converted to some that it does. */
export function canConvert({ codecpar }: Stream, { name }: OutputFormat): boolean {
  return codecpar.codecId === AV_CODEC_ID_MOV_TEXT && name === "matroska";
}

/** Adds to `output` a stream of SubRip for the subtitles of `source`. */
export function addConvertedStream(output: FormatContext, source: Stream): Stream {
  const stream = output.newStream(null);
  stream.codecpar.codecType = AVMEDIA_TYPE_SUBTITLE;
  stream.codecpar.codecId = AV_CODEC_ID_SUBRIP;
  stream.timeBase = source.timeBase;
  stream.disposition = source.disposition;
  stream.metadata = source.metadata;
  return stream;
}

/** The muxer of MP4 fills the time between two subtitles by itself: what filled it before would be there twice. */
function withoutGaps(_source: Stream, { data, duration }: Packet): readonly PacketPart[] {
  const isEmpty = data === null || (data[0] === 0 && data[1] === 0);
  return isEmpty ? [] : [{ data, delay: 0n, duration }];
}

function asSubRip(_source: Stream, { data, duration }: Packet): readonly PacketPart[] {
  const text = data === null ? undefined : subRipOf(data);
  return text === undefined ? [] : [{ data: text, delay: 0n, duration }];
}

/** The frames of a packet of AMR sound: phones put ten and more into one, which FFmpeg's muxer of MP4 refuses. */
function splitAmr({ codecpar, timeBase }: Stream, { data }: Packet): readonly PacketPart[] {
  const sizes = FRAME_BYTES.get(codecpar.codecId) ?? [];
  const parts: Uint8Array[] = [];
  for (let at = 0; data !== null && at < data.length;) {
    const size = sizes[(data[at] ?? 0) >> 3 & 15] ?? 1; // types without speech are one byte
    parts.push(data.subarray(at, at + size));
    at += size;
  }
  const time = (frames: number) => BigInt(Math.round(frames * FRAME_SECONDS * timeBase.den / timeBase.num));
  return parts.map((part, i) => ({ data: part, delay: time(i), duration: time(i + 1) - time(i) }));
}
