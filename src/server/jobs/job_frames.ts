import { copyOfRegion } from "../../crop_picture.ts";
import { copyPicture, type Picture } from "../../frame.ts";

/**
 * Share of the wall-clock time that copying and encoding for viewers may take from a job: of 1280x720, a frame a second or two
 * on two busy cores.
 */
const BUDGET = 0.04;

/** A frame of the job, copied for the viewers. */
export interface JobFrame {
  readonly input: Picture;
  readonly image: Picture;
  /** Number in the job, from 0. */
  readonly index: number;
  /** When it was copied, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/**
 * Copies of a running job's frames. `offer` is called for each restored frame; it copies the pictures only if a viewer
 * is waiting and the time of earlier copies is made up for, so that a job loses little of its time.
 */
export class JobFrames {
  readonly #waiting = new Set<(frame: JobFrame) => void>();
  #last: JobFrame | undefined;
  #offered = 0;
  /** From when on the time spent so far is within the budget, in milliseconds of `performance.now()`. */
  #nextCopyAt = 0;

  /** The last frame that was copied. */
  get last(): JobFrame | undefined {
    return this.#last;
  }

  /**
   * Copies a frame if a viewer is waiting for one. Returns at once; the pictures stay the caller's.
   *
   * @param restored What was made of it; of branches side by side, viewers see the last, which is the result.
   */
  offer(blurry: Picture, restored: Picture): void {
    const index = this.#offered++;
    if (this.#waiting.size === 0 || performance.now() < this.#nextCopyAt) return;
    const at = performance.now();
    const { width, height } = blurry;
    const input = copyPicture(blurry);
    const image = copyOfRegion(restored, { x: restored.width - width, y: 0, width, height });
    const frame = { input, image, index, at };
    this.spend(performance.now() - at);
    this.#last = frame;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const take of waiting) take(frame);
  }

  /** Counts time against the viewers' budget. */
  spend(milliseconds: number): void {
    this.#nextCopyAt = Math.max(performance.now(), this.#nextCopyAt) + milliseconds / BUDGET;
  }

  /** Waits for the next copy. @throws the reason of `signal` once it aborts. */
  next(signal: AbortSignal): Promise<JobFrame> {
    const { promise, resolve, reject } = Promise.withResolvers<JobFrame>();
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => {
      this.#waiting.delete(resolve);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }
}
