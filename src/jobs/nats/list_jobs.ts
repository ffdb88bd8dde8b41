import { MediaError } from "../../errors.ts";
import { JOB_STATE, type JobState, parseMessage, WORKER_STATE, type WorkerState } from "./job_messages.ts";
import { type JobServer, SILENCE_MS } from "./job_server.ts";
import { JOB_ID, SUBJECTS } from "./job_subjects.ts";

/** A job on a server. */
export interface ListedJob extends JobState {
  readonly id: string;
  /** Until it is done, at the speed so far; absent before the first segment is. */
  readonly secondsLeft?: number;
}

/** What happens on a server. */
export interface JobList {
  readonly jobs: readonly ListedJob[];
  /** Workers whose last message is recent. */
  readonly workers: readonly WorkerState[];
}

/** A worker without a message for this long is not listed, milliseconds. */
const HEARD_MS = 2 * SILENCE_MS;

/** What runs on a server, where, and how far it is. @param now Milliseconds since 1970. */
export async function listJobs(server: JobServer, now: number = Date.now()): Promise<JobList> {
  const jobs: ListedJob[] = [];
  for (const subject of (await server.subjects(SUBJECTS.job("*"))).sort()) {
    const id = subject.split(".").at(-1) ?? "";
    const data = await server.newest(SUBJECTS.progress(id));
    const state = data && parseMessage(JOB_STATE, data);
    if (state === undefined) continue;
    const { segments, done, before, startedAt, at } = state;
    const perSegment = done > before ? (at - startedAt) / 1000 / (done - before) : undefined;
    jobs.push({
      id,
      ...state,
      ...(perSegment !== undefined && { secondsLeft: perSegment * (segments - done) }),
    });
  }
  const workers: WorkerState[] = [];
  for (const subject of (await server.subjects(SUBJECTS.worker("*"))).sort()) {
    const data = await server.newest(subject);
    const state = data && parseMessage(WORKER_STATE, data);
    if (state && now - state.at < HEARD_MS) workers.push(state);
  }
  return { jobs, workers };
}

/**
 * Cancels a job: its workers take no more segments of it, what runs it fails, and all that the server holds of it is removed.
 *
 * @throws {MediaError} if there is no such job.
 */
export async function cancelJob(server: JobServer, id: string): Promise<void> {
  const isThere = JOB_ID.test(id) && await server.newest(SUBJECTS.job(id)) !== undefined;
  if (!isThere) throw new MediaError(server.shown, `There is no job "${id}". See deno task jobs`);
  await server.removeJob(id);
}
