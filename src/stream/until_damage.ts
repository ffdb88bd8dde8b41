import { DamagedMediaError } from "../errors.ts";
import type { Frame } from "../frame.ts";

/**
 * The frames of a source that may be damaged, as far as they can be decoded: the stream ends where the source fails with a
 * {@linkcode DamagedMediaError}. For who keeps what a damaged input still gives, and for who only shows it.
 *
 * @param onDamage called with that error before the stream ends
 */
export function untilDamage(
  frames: ReadableStream<Frame>,
  onDamage: (error: DamagedMediaError) => void = () => {},
): ReadableStream<Frame> {
  const reader = frames.getReader();
  return new ReadableStream<Frame>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (!(error instanceof DamagedMediaError)) throw error;
        onDamage(error);
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
