/** Times that differ by less than this are equal: computed ones are rounded. */
const TOLERANCE = 1e-4;

/** When each frame of a video is shown, which numbers them exactly, whatever its frame rate. */
export class FrameTimes {
  readonly #seconds: Float64Array;

  /** @param seconds From the start of the file, ascending; at least one. */
  constructor(seconds: Float64Array) {
    this.#seconds = seconds;
  }

  /** Number of frames. */
  get count(): number {
    return this.#seconds.length;
  }

  /** When the last frame is shown. */
  get last(): number {
    return this.#seconds.at(-1) ?? 0;
  }

  /** When a frame is shown, the first and the last for numbers beyond them. */
  at(index: number): number {
    return this.#seconds[Math.min(this.count - 1, Math.max(0, index))] ?? 0;
  }

  /** The number of the frame that begins at that time; `undefined` if none does. */
  indexOf(seconds: number): number | undefined {
    const index = this.#lastBy(seconds);
    return Math.abs(this.at(index) - seconds) <= TOLERANCE ? index : undefined;
  }

  /** The number of the first frame that begins at that time or later. */
  firstFrom(seconds: number): number {
    const index = this.#lastBy(seconds - 2 * TOLERANCE);
    return this.at(index) < seconds - TOLERANCE ? index + 1 : index;
  }

  /** A time from which on exactly the frames from `lead` before the one at `seconds` come. */
  before(seconds: number, lead: number): number {
    const index = this.#lastBy(seconds) - lead;
    return index <= 0 ? 0 : (this.at(index) + this.at(index - 1)) / 2;
  }

  /** The last frame that begins by that time; the first if none does. */
  #lastBy(seconds: number): number {
    let [low, high] = [0, this.count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.at(middle) <= seconds + TOLERANCE) low = middle;
      else high = middle;
    }
    return low;
  }
}
