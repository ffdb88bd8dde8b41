import type { JudgedFrame } from "./judge_frames.ts";
import type { FrameTimes } from "./only_times.ts";

/**
 * A stage that passes on what lies in a range of times, and one frame on either side that shows something else, with which it is
 * fused; it drops the rest (writable mark 1, readable mark 0).
 *
 * @param drop Frees a frame that does not pass.
 */
export function aroundTimes(
  { from, until }: FrameTimes,
  drop: (judged: JudgedFrame) => void,
): TransformStream<JudgedFrame, JudgedFrame> {
  /** The newest frame before the range, and the last one before that shows something else. */
  let newest: JudgedFrame | undefined;
  let other: JudgedFrame | undefined;
  /** What the newest frame in the range shows. */
  let shown: object | undefined;
  let isOver = false;
  const forget = (judged: JudgedFrame | undefined) => judged && drop(judged);
  return new TransformStream<JudgedFrame, JudgedFrame>(
    {
      transform(judged, controller) {
        const { frame: { pts }, run } = judged;
        if (pts < from) {
          const isRepetition = newest?.run === run;
          forget(isRepetition ? newest : other);
          if (!isRepetition) other = newest;
          newest = judged;
        } else if (pts < until) {
          const [before, useless] = newest?.run === run ? [other, newest] : [newest, other];
          if (before) controller.enqueue(before);
          forget(useless);
          newest = other = undefined;
          shown = run;
          controller.enqueue(judged);
        } else if (!isOver && shown !== undefined && run !== shown) {
          isOver = true;
          controller.enqueue(judged);
        } else drop(judged);
      },
      flush() {
        forget(newest);
        forget(other);
      },
    },
    { highWaterMark: 1 },
    { highWaterMark: 0 },
  );
}
