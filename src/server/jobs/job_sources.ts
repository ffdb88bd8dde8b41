import { MediaError, messageOf } from "../../errors.ts";
import type { SourceEntry } from "../protocol.ts";
import type { Playback, PlaybackContext, PlaybackEnd, PreviewSources } from "../sources/playback.ts";
import type { JobBoard } from "./job_board.ts";
import { JobPlayback } from "./job_playback.ts";
import type { JobResult, WatchedJob } from "./watched_job.ts";

/** Opens what a finished job read and wrote, to be shown beside each other. */
export type OpenResult = (
  entry: SourceEntry,
  result: JobResult,
  end: PlaybackEnd,
  onState: () => void,
) => Promise<Playback>;

/** Jobs as sources, each watched by any number of viewers: while it runs, and once it is done. */
export class JobSources implements PreviewSources {
  readonly mode = "job";
  readonly #board: JobBoard;
  readonly #openResult: OpenResult;

  constructor(board: JobBoard, openResult: OpenResult) {
    [this.#board, this.#openResult] = [board, openResult];
  }

  list(): Promise<readonly SourceEntry[]> {
    return Promise.resolve(this.#board.jobs.map(({ id, name }) => ({ id, name })));
  }

  passedOver(): Promise<string> {
    return Promise.resolve("");
  }

  /** Waits for a job to begin, unless it is over. */
  async open(id: string, context: PlaybackContext): Promise<Playback> {
    const job = this.#board.find(id);
    if (job === undefined) throw new MediaError(id, "There is no such job: it was removed");
    const entry = { id, name: job.name };
    if (!job.isOver) return await this.#watch(entry, job, context);
    const result = await job.facts.result?.();
    const end = job.end;
    if (result !== undefined && end !== undefined) {
      return await this.#openResult(entry, result, end, context.onState);
    }
    throw new MediaError(job.name, end?.message || "There is nothing to show of this job");
  }

  explain(error: unknown): string {
    return messageOf(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #watch(entry: SourceEntry, job: WatchedJob, { onState }: PlaybackContext): Promise<Playback> {
    const info = await job.info;
    const stopListening = job.listen((change) => change === "state" ? onState() : undefined);
    return new JobPlayback({ entry, info, job, onDispose: stopListening });
  }
}
