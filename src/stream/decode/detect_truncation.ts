import { open } from "node:fs/promises";
import type { FormatContext, Stream } from "node-av/lib";
import { AV_NOPTS_VALUE } from "node-av/constants";
import type { MediaInfo } from "../../frame.ts";
import { beginningOf } from "../ffmpeg/video_stream.ts";
import type { FrameTime } from "../source_options.ts";

/** How far the reading of a video came, up to the end of what can be decoded. */
export interface ReadVideo {
  /** Time and length of the last frame, in the stream's units; absent if none could be decoded. */
  readonly last: FrameTime | undefined;
  /** Frames delivered. */
  readonly frames: number;
  /** Latest second that any packet of any stream has reached; -Infinity if there was none. */
  readonly furthest: number;
}

/** Seconds that may be missing from a whole file: containers round, and sound may be longer than the picture. */
const TOLERATED_SECONDS = 0.5;
/** Frames of the count in the header that may be missing from a whole file: decoders drop those that are not shown. */
const TOLERATED_FRAMES = 3;

/**
 * What is missing at the end of a video that has been read to its end, in one line. Demuxers of some containers just end
 * where the file was truncated, but its header says how long it should have been.
 */
export async function detectTruncation(
  { path, range }: MediaInfo,
  container: FormatContext,
  stream: Stream,
  read: ReadVideo,
): Promise<string | undefined> {
  // A transport stream has no such header.
  if (container.iformat?.name === "mpegts" && await endsInsidePacket(path)) {
    return "The file is truncated: it ends in the middle of a packet";
  }
  const counted = Number(stream.nbFrames);
  const length = stream.duration === AV_NOPTS_VALUE ? undefined : secondsOf(stream.duration, stream);
  const missing = length === undefined
    ? missingOfContainer(container, read)
    : missingOfStream(stream, length, read);
  if (read.last === undefined) {
    if (missing <= (length === undefined ? TOLERATED_SECONDS : 0)) return undefined;
    const none = counted > 0 ? `none of its ${counted} frames` : "no frame of it";
    return `The file is truncated or damaged: ${none} can be decoded`;
  }
  if (missing > TOLERATED_SECONDS) {
    return `The file is truncated: its last ${missing.toFixed(2)} s are missing`;
  }
  // A frame count that is not reached proves nothing alone, because an edit list hides frames. With the time at the end
  // missing that those frames would have taken, it does.
  const absent = counted - read.frames;
  // AVI counts the gaps of a variable frame rate too.
  const isCount = container.iformat?.name !== "avi";
  const isShort = isCount && length !== undefined && absent > TOLERATED_FRAMES &&
    missing * counted > TOLERATED_FRAMES * length;
  return isShort && range === undefined
    ? `The file is truncated: ${absent} of its ${counted} frames are missing`
    : undefined;
}

function secondsOf(time: bigint, { timeBase: { num, den } }: Stream): number {
  return Number(time) * num / den;
}

function missingOfStream(stream: Stream, length: number, { last }: ReadVideo): number {
  if (last === undefined) return length;
  const first = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime;
  return length - secondsOf(last.pts + last.duration - first, stream);
}

function missingOfContainer(container: FormatContext, { furthest }: ReadVideo): number {
  if (container.duration === AV_NOPTS_VALUE) return 0;
  const beginning = beginningOf(container);
  return beginning + Number(container.duration) / 1e6 - Math.max(beginning, furthest);
}

/** Bytes of one packet of a transport stream: plain, with a timestamp before it (M2TS), with error correction after it. */
const PACKET_SIZES = [188, 192, 204];

/** The first byte of every packet, after a timestamp if it has one. */
const SYNC_BYTE = 0x47;

/** Bytes at the end of a file that are examined. */
const TAIL_BYTES = 32_768;

/** Packets in a row that make their size certain: fewer sync bytes could be chance. */
const LEAST_PACKETS = 4;

/**
 * Whether a transport stream ends in the middle of a packet. Programs write whole packets, so this one was truncated; one
 * that was truncated between two packets looks like a whole one.
 *
 * @returns `false` where the end of the file is no row of packets.
 */
async function endsInsidePacket(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const tail = new Uint8Array(Math.min(size, TAIL_BYTES));
  const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
  for (const packet of PACKET_SIZES) {
    const first = firstSync(tail.subarray(0, bytesRead), packet);
    if (first === undefined) continue;
    const rest = (bytesRead - first) % packet;
    // The timestamp of 192 bytes comes before the sync byte: 188 bytes after the last one are a whole packet.
    return rest !== 0 && !(packet === 192 && rest === 188);
  }
  return false;
}

/** Position of the first sync byte, if every packet from there on has one, the incomplete last one too. */
function firstSync(bytes: Uint8Array, packet: number): number | undefined {
  for (let first = 0; first < packet && first + LEAST_PACKETS * packet <= bytes.length; first++) {
    let at = first;
    while (at < bytes.length && bytes[at] === SYNC_BYTE) at += packet;
    if (at >= bytes.length) return first;
  }
  return undefined;
}
