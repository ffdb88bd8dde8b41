import type { FormatContext, Stream } from "node-av/lib";
import { AV_NOPTS_VALUE } from "node-av/constants";
import type { MediaInfo } from "../frame.ts";
import { endsInsidePacket } from "./cut_packet.ts";
import { beginningOf } from "./video_stream.ts";

/** How far the reading of a video came, up to the end of what can be decoded. */
export interface ReadVideo {
  /** Time and length of the last frame, in the stream's units; absent if none could be decoded. */
  readonly last: { readonly pts: bigint; readonly duration: bigint } | undefined;
  /** Frames delivered. */
  readonly frames: number;
  /** Latest second that any packet of any stream has reached; -Infinity if there was none. */
  readonly furthest: number;
}

/** Seconds. Containers round, and sound may be longer than the picture: less does not mean that a file is cut off. */
const LEAST = 0.5;
/** Frames that may be missing of those counted without a loss: decoders leave out the ones that show nothing. */
const FEW = 3;

/**
 * What is missing at the end of a video that has been read, in one line: some containers just end where they were cut off,
 * but their header says how long they should have been.
 */
export async function tellShortness(
  { path, range }: MediaInfo,
  container: FormatContext,
  stream: Stream,
  read: ReadVideo,
): Promise<string | undefined> {
  // A transport stream has no header to say so.
  if (container.iformat?.name === "mpegts" && await endsInsidePacket(path)) {
    return "The file is cut off: it ends in the middle of a packet";
  }
  const counted = Number(stream.nbFrames);
  const length = stream.duration === AV_NOPTS_VALUE ? undefined : secondsOf(stream.duration, stream);
  const missing = length === undefined
    ? missingOfContainer(container, read)
    : missingOfStream(stream, length, read);
  if (read.last === undefined) {
    if (missing <= (length === undefined ? LEAST : 0)) return undefined;
    const none = counted > 0 ? `none of its ${counted} frames` : "no frame of it";
    return `The file is cut off or damaged: ${none} can be decoded`;
  }
  if (missing > LEAST) return `The file is cut off: its last ${missing.toFixed(2)} s are missing`;
  // Counts alone prove nothing: an edit list hides frames. Frames that are missed and time at the end without them do.
  const absent = counted - read.frames;
  const isShort = length !== undefined && absent > FEW && missing * counted > FEW * length;
  return isShort && range === undefined
    ? `The file is cut off: ${absent} of its ${counted} frames are missing`
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
