/** Times of frames, in units of their source's time base. */
export interface FrameTimes {
  /** The first one. */
  readonly from: bigint;
  /** The first one that does not belong to them any more. */
  readonly until: bigint;
}

/**
 * A stage that passes on what lies in a range of times, and drops the rest (writable mark 1, readable mark 0).
 *
 * @param timeOf Presentation time of a chunk.
 * @param drop Frees a chunk that does not pass.
 */
export function onlyTimes<T>(
  { from, until }: FrameTimes,
  timeOf: (chunk: T) => bigint,
  drop: (chunk: T) => void,
): TransformStream<T, T> {
  return new TransformStream<T, T>(
    {
      transform(chunk, controller) {
        const time = timeOf(chunk);
        if (time >= from && time < until) controller.enqueue(chunk);
        else drop(chunk);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
}
