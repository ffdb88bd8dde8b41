import type { Packet, Stream } from "node-av/lib";
import { AV_CODEC_ID_AMR_WB } from "node-av/constants";

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

/**
 * The frames of a packet of AMR sound. Phones put ten and more into one, which FFmpeg's muxer of MP4 refuses.
 *
 * @returns nothing if the packet is of another codec, or one frame.
 */
export function splitAmr({ codecpar, timeBase }: Stream, { data }: Packet): readonly PacketPart[] {
  const sizes = FRAME_BYTES.get(codecpar.codecId);
  if (sizes === undefined || data === null) return [];
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length;) {
    const size = sizes[(data[at] ?? 0) >> 3 & 15] ?? 1; // types without speech are one byte
    parts.push(data.subarray(at, at + size));
    at += size;
  }
  if (parts.length < 2) return [];
  const time = (frames: number) => BigInt(Math.round(frames * FRAME_SECONDS * timeBase.den / timeBase.num));
  return parts.map((part, i) => ({ data: part, delay: time(i), duration: time(i + 1) - time(i) }));
}
