import { MediaError, messageOf } from "../../errors.ts";
import type { MediaInfo } from "../../frame.ts";
import type { SourceEntry } from "../protocol.ts";
import { JobFrames } from "./job_frames.ts";
import { JobPlayback, type JobState } from "./job_playback.ts";
import type { Playback, PlaybackContext, PreviewSources } from "./playback.ts";

/** A running job as the only source, watched by any number of viewers. */
export class JobSources implements PreviewSources, JobState {
  readonly mode = "job";
  readonly frames = new JobFrames();
  hasEnded = false;
  secondsLeft: number | null = null;
  readonly #entry: SourceEntry;
  readonly #playbacks = new Map<Playback, PlaybackContext>();
  readonly #info = Promise.withResolvers<MediaInfo>();

  /** @param name What viewers see as the job's name. */
  constructor(name: string) {
    this.#entry = { id: "job", name };
    this.#info.promise.catch(() => undefined); // `open` passes it on; there may be no viewer
  }

  /** Takes what is known of the job's source, once it is open. */
  start(info: MediaInfo): void {
    this.#info.resolve(info);
  }

  /** The job is done, or has failed: viewers keep the last picture. */
  end(): void {
    this.hasEnded = true;
    this.secondsLeft = null;
    this.#info.reject(new MediaError(this.#entry.name, "The job ended before its first frame"));
    for (const { onState } of this.#playbacks.values()) onState();
  }

  list(): Promise<readonly SourceEntry[]> {
    return Promise.resolve([this.#entry]);
  }

  /** Waits for the job to start. */
  async open(id: string, context: PlaybackContext): Promise<Playback> {
    const entry = this.#entry;
    if (id !== entry.id) {
      throw new MediaError(id, `There is no such source. Choose "${entry.id}", the only one`);
    }
    const playback = new JobPlayback({
      entry,
      info: await this.#info.promise,
      frames: this.frames,
      job: this,
      onDispose: () => this.#playbacks.delete(playback),
    });
    this.#playbacks.set(playback, context);
    return playback;
  }

  explain(error: unknown): string {
    return messageOf(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
