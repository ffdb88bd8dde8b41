import type { FileHandle } from "node:fs/promises";
import { readBytes } from "./file_parts.ts";

/** Bytes of one packet of a transport stream: plain, with a timestamp before it (M2TS), with error correction after it. */
const PACKET_SIZES = [188, 192, 204];

/** Bytes of a packet without what is before or after it. */
const PACKET_BYTES = 188;

/** The first byte of every packet, after a timestamp if it has one. */
const SYNC_BYTE = 0x47;

/** Bytes at the end of a file that are examined: the last frame of every stream should begin in them. */
const TAIL_BYTES = 2 ** 21;

/** Packets in a row that make their size certain: fewer sync bytes could be chance. */
const LEAST_PACKETS = 4;

/** Packets whose sync bytes are checked. */
const CHECKED_PACKETS = 160;

/** The end of a transport stream that no program writes. */
export const CUT_PACKET = "inside a packet";

/** How a transport stream ends, if it does not end as programs end one; inside a frame it may seem to by chance. */
export type TransportEnd = typeof CUT_PACKET | "inside a frame" | undefined;

/**
 * How a transport stream ends. Programs write whole packets, and fill up the last packet of each frame. One that was truncated
 * between two frames looks like a whole one.
 *
 * @param size of the file
 * @param pids of the streams that are looked at
 * @returns `undefined` too where the end of the file is no row of packets.
 */
export async function endOfTransportStream(
  file: FileHandle,
  size: number,
  pids: readonly number[],
): Promise<TransportEnd> {
  const length = Math.min(size, TAIL_BYTES);
  const tail = new Uint8Array((await readBytes(file, size - length, length)).buffer);
  for (const packet of PACKET_SIZES) {
    const first = firstSync(tail, packet);
    if (first === undefined) continue;
    const rest = (tail.length - first) % packet;
    // The timestamp of 192 bytes comes before the sync byte: 188 bytes after the last one are a whole packet.
    if (rest !== 0 && !(packet === 192 && rest === PACKET_BYTES)) return CUT_PACKET;
    const isCut = pids.some((pid) => endsInsideFrame(packetsOf(tail, first, packet, pid)));
    return isCut ? "inside a frame" : undefined;
  }
  return undefined;
}

/** Position of the first sync byte of the last packets, if every one of them has one, an incomplete last one too. */
function firstSync(bytes: Uint8Array, packet: number): number | undefined {
  const from = Math.max(0, bytes.length - packet * CHECKED_PACKETS);
  for (let first = from; first < from + packet && first + LEAST_PACKETS * packet <= bytes.length; first++) {
    let at = first;
    while (at < bytes.length && bytes[at] === SYNC_BYTE) at += packet;
    if (at >= bytes.length) return first % packet;
  }
  return undefined;
}

function packetsOf(bytes: Uint8Array, first: number, packet: number, pid: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = first; at + PACKET_BYTES <= bytes.length; at += packet) {
    const found = (((bytes[at + 1] ?? 0) & 0x1f) << 8) + (bytes[at + 2] ?? 0);
    if (found === pid) packets.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return packets;
}

/** Share of frames, one in so many, that fill their last packet exactly by chance. Much more of them say nothing. */
const RARELY = 1 / 20;

/** @param packets of one stream, the last ones of the file */
function endsInsideFrame(packets: readonly Uint8Array[]): boolean {
  const starts = [...packets.keys()].filter((i) => ((packets[i]?.[1] ?? 0) & 0x40) !== 0);
  const last = packets.slice(starts.at(-1) ?? 0);
  const [first] = last;
  if (first === undefined) return false;
  const header = starts.length > 0 ? payloadOf(first).payload : undefined;
  const length = header ? ((header[4] ?? 0) << 8) + (header[5] ?? 0) : 0;
  if (length > 0) return last.reduce((sum, packet) => sum + payloadOf(packet).payload.length, 0) < length + 6;
  const isExact = (packet: Uint8Array | undefined) => packet !== undefined && !payloadOf(packet).isFilledUp;
  const exact = starts.filter((start) => start > 0 && isExact(packets[start - 1])).length;
  return isExact(last.at(-1)) && exact <= RARELY * starts.length;
}

/** Bytes of the optional fields that the flags before them announce: clock references and a countdown. */
const FIELDS: readonly (readonly [flag: number, bytes: number])[] = [[0x10, 6], [0x08, 6], [0x04, 1]];

/** What a packet carries, and whether it was filled up to its size: so is the last one of a frame. */
function payloadOf(packet: Uint8Array): { readonly payload: Uint8Array; readonly isFilledUp: boolean } {
  const control = (packet[3] ?? 0) & 0x30;
  if (control === 0x10) return { payload: packet.subarray(4), isFilledUp: false };
  const length = packet[4] ?? 0;
  const flags = length > 0 ? packet[5] ?? 0 : 0;
  let needed = 1 + FIELDS.reduce((sum, [flag, bytes]) => sum + (flags & flag ? bytes : 0), 0);
  for (const flag of [0x02, 0x01]) if (flags & flag) needed += 1 + (packet[5 + needed] ?? 0);
  const payload = control === 0x30 ? packet.subarray(5 + length) : packet.subarray(PACKET_BYTES);
  return { payload, isFilledUp: length === 0 || length > needed };
}
