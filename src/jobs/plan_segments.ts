/** A part of a video that is restored on its own. All times are in units of the stream's time base. */
export interface Segment {
  /** First frame, and the first one after the segment. */
  readonly from: number;
  readonly until: number;
  /** First frame to read, and the first not to: the frames around the segment tell what moves in it, and are neighbours. */
  readonly readFrom: number;
  readonly readUntil: number;
  /** Frames that the container announces between `from` and `until`. */
  readonly frames: number;
}

/**
 * Frames read before a segment. One would do, but for repeated frames, which are judged as the first of them: of a scene that
 * stands still for longer than this across the beginning of a segment, that first frame is out of sight.
 */
const FRAMES_BEFORE = 32;
/** Frames read after a segment: the next one, behind the repetitions of the last that are waited for, and likewise what that one needs. */
const FRAMES_AFTER = 9;

/** What {@linkcode planSegments} cuts. */
export interface FrameList {
  /** Times of the frames, in ascending order. */
  readonly times: ArrayLike<number>;
  /** Before the first frame that may be read, and after the last one. */
  readonly from: number;
  readonly until: number;
}

/**
 * Cuts a video at fixed frame numbers. A rest of less than half a segment goes to the last one.
 *
 * @param length Frames in a segment.
 */
export function planSegments({ times, from, until }: FrameList, length: number): Segment[] {
  const count = Math.max(1, Math.round(times.length / length));
  const timeOf = (i: number) => i <= 0 ? from : times[i] ?? until;
  return Array.from({ length: count }, (_, k) => {
    const first = k * length;
    const next = k === count - 1 ? times.length : first + length;
    return {
      from: timeOf(first),
      until: timeOf(next),
      readFrom: timeOf(first - FRAMES_BEFORE),
      readUntil: timeOf(next + FRAMES_AFTER),
      frames: next - first,
    };
  });
}
