import type { FormatContext, Stream } from "node-av/lib";
import { AV_NOPTS_VALUE } from "node-av/constants";
import type { MediaInfo } from "../../frame.ts";
import { beginningOf, lengthOf } from "../ffmpeg/video_stream.ts";
import type { FrameTime } from "../source_options.ts";

/** How far the reading of a video came, up to the end of what can be decoded. */
export interface ReadVideo {
  /** Time and length of the last frame, in the stream's units; absent if none could be decoded. */
  readonly last: FrameTime | undefined;
  /** Frames delivered. */
  readonly frames: number;
  /** Times of the last frames, in the stream's units. */
  readonly recent: readonly bigint[];
  /** Latest second that any packet of any stream has reached; -Infinity if there was none. */
  readonly furthest: number;
}

/** Seconds that may be missing from a whole file: containers round, and sound may be longer than the picture. */
const TOLERATED_SECONDS = 0.5;
/** Frames whose times {@linkcode ReadVideo.recent} should have: enough to know the usual interval. */
export const RECENT_FRAMES = 24;
/** Frames at the end among which one may be missing if its packet was to come after the file was truncated. */
const REORDERED_FRAMES = 5;
/** Frames of the count in the header that may be missing from a whole file: decoders drop those that are not shown. */
const TOLERATED_FRAMES = 3;

/**
 * What is missing at the end of a video that has been read to its end, in one line. Demuxers of some containers just end
 * where the file was truncated, but its header says how long it should have been.
 */
export function detectTruncation(
  { range }: MediaInfo,
  container: FormatContext,
  stream: Stream,
  read: ReadVideo,
): string | undefined {
  if (container.iformat?.name === "mpegts" && hasGapAtEnd(read.recent)) {
    return "The file is truncated: frames before its last one are missing";
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

/**
 * Whether frames came evenly until just before the end. A transport stream has no index, but the frame that is shown last is
 * not the one that is sent last: of one truncated between two frames, those between are missing.
 */
function hasGapAtEnd(times: readonly bigint[]): boolean {
  if (times.length < RECENT_FRAMES) return false;
  const intervals = times.slice(1).map((time, i) => Number(time - (times[i] ?? time)));
  const [before, after] = [intervals.slice(0, -REORDERED_FRAMES), intervals.slice(-REORDERED_FRAMES)];
  const usual = Math.max(...before);
  return Math.min(...before) > 0.7 * usual && Math.max(...after) > 1.6 * usual;
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
  const length = lengthOf(container);
  if (length === undefined) return 0;
  const beginning = beginningOf(container);
  return beginning + length - Math.max(beginning, furthest);
}
