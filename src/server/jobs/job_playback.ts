import type { MediaInfo } from "../../frame.ts";
import type { Settings, SourceDescription, SourceEntry } from "../protocol.ts";
import { describeSource } from "../sources/describe_source.ts";
import type { Playback, PlaybackEnd, PlaybackState, PreviewFrame } from "../sources/playback.ts";
import { regionInView } from "../sources/region_in_view.ts";
import type { JobFrame } from "./job_frames.ts";
import type { WatchedJob } from "./watched_job.ts";

/** What {@linkcode JobPlayback} shows. */
export interface JobPlaybackOptions {
  readonly entry: SourceEntry;
  /** Of the job's source. */
  readonly info: MediaInfo;
  readonly job: Pick<WatchedJob, "frames" | "isOver" | "end" | "secondsLeft" | "framesPerSecond">;
  readonly onDispose: () => void;
}

/** One viewer of a running job, who can pause and zoom, but not seek. */
export class JobPlayback implements Playback {
  readonly description: SourceDescription;
  readonly skipped = 0;
  readonly #options: JobPlaybackOptions;
  #isPaused = false;
  #isRepeat = true;
  /** Aborted when `next` has to look again: the viewer asked for something, or the playback is disposed. */
  #wake = new AbortController();
  #isDisposed = false;

  constructor(options: JobPlaybackOptions) {
    const { entry, info } = options;
    this.#options = options;
    this.description = describeSource(entry, info, { kind: "job", canSeek: false, canTune: false });
  }

  get state(): PlaybackState {
    return this.#options.job.isOver ? "ended" : this.#isPaused ? "paused" : "playing";
  }

  get end(): PlaybackEnd | undefined {
    return this.#options.job.end;
  }

  get framesPerSecond(): number {
    return this.#options.job.framesPerSecond ?? 0;
  }

  get secondsLeft(): number | null {
    return this.#options.job.secondsLeft;
  }

  play(): void {
    this.#isPaused = false;
    this.#wake.abort();
  }

  pause(): void {
    this.#isPaused = true;
    this.#wake.abort();
  }

  seek(): void {}

  step(): void {}

  loop(): void {}

  repeat(): void {
    this.#isRepeat = true;
    this.#wake.abort();
  }

  async next(settings: () => Settings): Promise<PreviewFrame> {
    const { frames } = this.#options.job;
    for (;;) {
      if (this.#isDisposed) throw new DOMException("The playback was closed", "AbortError");
      this.#wake = new AbortController();
      const { signal } = this.#wake;
      const repeated = this.#isRepeat ? frames.last : undefined;
      this.#isRepeat = false;
      try {
        const frame = repeated ?? await (this.#isPaused ? untilAborted(signal) : frames.next(signal));
        return this.#crop(frame, settings());
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  still(settings: Settings): Promise<PreviewFrame | undefined> {
    const { last } = this.#options.job.frames;
    return Promise.resolve(last && this.#crop(last, { ...settings, region: null }));
  }

  #crop({ input, image, index, at }: JobFrame, settings: Settings): PreviewFrame {
    const { info } = this.#options;
    const { frameRate } = info;
    return {
      ...regionInView({ blurry: input, result: image }, info, settings.region),
      index,
      isEstimated: false,
      seconds: frameRate === undefined ? 0 : index / frameRate,
      detail: settings.detail,
      decodedAt: at,
      onEncoded: (milliseconds) => this.#options.job.frames.spend(milliseconds),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#options.onDispose();
    this.#wake.abort();
    return Promise.resolve();
  }
}

/** Never resolves; rejects when `signal` aborts. */
function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
