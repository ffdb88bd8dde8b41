import type { Region } from "../../crop_picture.ts";
import { MediaError } from "../../errors.ts";
import type { MediaInfo, Picture } from "../../frame.ts";
import type { Progress } from "../../progress.ts";
import type { JobEntry, JobState } from "../protocol.ts";
import type { PlaybackEnd } from "../sources/playback.ts";
import type { TimeRange } from "./job.ts";
import { JobFrames } from "./job_frames.ts";

/** Where a finished job's pictures are. */
export interface JobResult {
  /** Path of what was restored. */
  readonly input: string;
  /** Path of the result. */
  readonly output: string;
  /** The part of the input that was restored; `null` for all of it. */
  readonly range: TimeRange | null;
  /** The part of its picture; `null` for all of it. */
  readonly crop: Region | null;
}

/** What viewers are shown of a job beside its progress. */
export interface JobFacts {
  /** For the user: why it failed, or what to know of its result. */
  readonly message?: string;
  /** Where the result is, for people. */
  readonly savedAs?: string;
  /** Whether the result can be fetched from the server. */
  readonly canDownload?: boolean;
  /** Finds input and result, to show both again. */
  readonly result?: () => Promise<JobResult>;
}

/** What changed of a job: its state and facts, or only how far it is. */
export type JobChange = "state" | "progress";

/** A job as viewers see it: its state, its progress, and the frames that pass while it runs. */
export class WatchedJob {
  readonly id: string;
  readonly name: string;
  readonly frames = new JobFrames();
  readonly #listeners = new Set<(change: JobChange) => void>();
  #state: JobState = "waiting";
  #facts: JobFacts = {};
  #info = pendingInfo();
  #done = 0;
  #total: number | undefined;
  #framesPerSecond: number | undefined;

  /** @param name What viewers see; a file name, not a path. */
  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  get state(): JobState {
    return this.#state;
  }

  /** Whether it neither runs nor waits. */
  get isOver(): boolean {
    return this.#state !== "running" && this.#state !== "waiting";
  }

  get facts(): JobFacts {
    return this.#facts;
  }

  /** Of the job's source, once it has begun; rejects if it ends before that. */
  get info(): Promise<MediaInfo> {
    return this.#info.promise;
  }

  /** How it ended, once it has. */
  get end(): PlaybackEnd | undefined {
    if (this.#state === "waiting" || this.#state === "running") return undefined;
    const { savedAs, message } = this.#facts;
    const words = [savedAs && `Saved as ${savedAs}`, message].filter((text) => text !== undefined);
    return { outcome: this.#state, message: words.join(". ") };
  }

  /** Frames restored per second, on average; `null` before the first. */
  get framesPerSecond(): number | null {
    return this.#framesPerSecond ?? null;
  }

  /** Seconds until it is done; `null` while that cannot be estimated. */
  get secondsLeft(): number | null {
    if (this.#state !== "running" || this.#total === undefined || !this.#framesPerSecond) return null;
    return (this.#total - this.#done) / this.#framesPerSecond;
  }

  /** Calls `listener` after every change, until the function returned is called. */
  listen(listener: (change: JobChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Enters a state. */
  become(state: JobState, facts: JobFacts = {}): void {
    this.#state = state;
    this.#facts = facts;
    if (state === "waiting") {
      this.#info = pendingInfo();
      [this.#done, this.#total, this.#framesPerSecond] = [0, undefined, undefined];
    } else if (this.isOver) {
      const why = facts.message ?? "The job ended before its first frame";
      this.#info.reject(new MediaError(this.name, why));
    }
    this.#changed("state");
  }

  /** Takes the job's progress. */
  report(progress: Progress): void {
    if (progress.kind === "start") {
      this.#total = progress.info.frames;
      this.#info.resolve(progress.info);
    } else if (progress.kind === "frame") {
      this.#done = progress.done;
      this.#total = progress.total;
      this.#framesPerSecond = progress.framesPerSecond;
    }
    this.#changed("progress");
  }

  /** Shows viewers a frame as it is written: the job's `onFrame`. This never delays the job; without a viewer it costs a counter. */
  readonly show = (blurry: Picture, restored: Picture): void => this.frames.offer(blurry, restored);

  /** What the list of jobs says of it. */
  describe(): JobEntry {
    const { message = null, savedAs = null, canDownload = false, result } = this.#facts;
    return {
      id: this.id,
      name: this.name,
      state: this.#state,
      done: this.#done,
      total: this.#total ?? null,
      framesPerSecond: this.framesPerSecond,
      secondsLeft: this.secondsLeft,
      message,
      savedAs,
      canDownload,
      canShow: this.#state === "running" || result !== undefined,
    };
  }

  #changed(change: JobChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function pendingInfo(): PromiseWithResolvers<MediaInfo> {
  const pending = Promise.withResolvers<MediaInfo>();
  pending.promise.catch(() => undefined); // whoever opens the job is told; there may be nobody
  return pending;
}
