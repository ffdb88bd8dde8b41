import { FrameTimes } from "./frame_times.ts";

/** When each frame of a video is shown, read without decoding it; `undefined` if the file does not say. */
export type ReadFrameTimes = (path: string, signal: AbortSignal) => Promise<Float64Array | undefined>;

/** The frame times of a file, read in the background. A file that has none, or is no video, is numbered by its frame rate. */
export class TimesOfFile implements AsyncDisposable {
  readonly #reading = new AbortController();
  readonly #done: Promise<void>;
  #known: FrameTimes | undefined;

  /** @param onKnown Called once they are known. */
  constructor(path: string, readFrameTimes: ReadFrameTimes, onKnown: () => void = () => undefined) {
    this.#done = readFrameTimes(path, this.#reading.signal).then((seconds) => {
      if (seconds === undefined || seconds.length === 0 || this.#reading.signal.aborted) return;
      this.#known = new FrameTimes(seconds);
      onKnown();
    }).catch(() => undefined); // opening the file says what is wrong with it
  }

  get known(): FrameTimes | undefined {
    return this.#known;
  }

  /** Waits until they are known or cannot be. @param milliseconds At most so long. */
  async wait(milliseconds = Infinity): Promise<void> {
    if (milliseconds === Infinity) return await this.#done;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
    await Promise.race([this.#done, late]);
    clearTimeout(timer);
  }

  /** Gives up reading them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#reading.abort(new DOMException("The source was closed", "AbortError"));
    await this.#done;
  }
}
