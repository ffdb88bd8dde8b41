import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { extname, parse } from "node:path";
import { writtenName } from "../../media_name.ts";
import { RequestError } from "../protocol.ts";
import type { JobRecord, JobSettings, JobSummary } from "./job.ts";
import type { JobBoard } from "./job_board.ts";
import type { JobFolder } from "./job_folder.ts";
import { freeName } from "./safe_name.ts";
import type { Uploads } from "./uploads.ts";
import type { JobFacts, WatchedJob } from "./watched_job.ts";

/** A job that runs. */
export interface RunningJob {
  readonly settings: JobSettings;
  /** Absolute path of what is restored. */
  readonly input: string;
  /** Absolute path of the result. */
  readonly output: string;
  /** Takes progress and frames. */
  readonly watched: WatchedJob;
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal;
}

/** Options of {@linkcode JobQueue}. */
export interface JobQueueOptions {
  readonly folder: JobFolder;
  readonly uploads: Uploads;
  readonly board: JobBoard;
  /** Does a job. What it leaves when it fails is removed. */
  readonly run: (job: RunningJob) => Promise<JobSummary>;
  /** Absolute path of a source. @throws {MediaError} if there is none of that id. */
  readonly pathOf: (source: string) => Promise<string>;
  /** An error in words for viewers. */
  readonly explain: (error: unknown) => string;
  /** Called with what the one who runs the server should know. */
  readonly onWarning: (line: string) => void;
}

/** Jobs of one server that may be there at once, done ones included. */
const MOST_JOBS = 500;

/**
 * Jobs that run one after another, in an order that can be changed. What is stored of them survives the server: a job that
 * ran when it ended runs again from its start. Disposing stops the job that runs.
 */
export class JobQueue implements AsyncDisposable {
  readonly #options: JobQueueOptions;
  readonly #records = new Map<string, JobRecord>();
  #running: { readonly id: string; readonly stop: AbortController } | undefined;
  #runs: Promise<void> = Promise.resolve();
  /** The last job that was given a name for its result: one at a time, or two would get the same. */
  #added: Promise<void> = Promise.resolve();
  #isStarted = false;
  #isDisposed = false;

  /** @param records Jobs of the last time, in their order. */
  constructor(options: JobQueueOptions, records: readonly JobRecord[] = []) {
    this.#options = options;
    for (const record of records) this.#restore(record);
  }

  /** Begins with the first job that waits; from then on jobs run as they are added. */
  start(): void {
    this.#isStarted = true;
    this.#next();
  }

  /**
   * Adds a job for a source.
   *
   * @param name Of the source, for people.
   * @returns The id of the job.
   */
  async add(source: string, name: string, settings: JobSettings): Promise<string> {
    if (this.#records.size >= MOST_JOBS) {
      throw new RequestError(`There are ${MOST_JOBS} jobs already. Remove some that are done`);
    }
    await this.#options.pathOf(source);
    const id = `job-${randomBytes(6).toString("hex")}`;
    const added = this.#added.then(async () => {
      const output = await this.#freeOutput(resultName(name));
      const record = { id, source, name, settings, output, report: null, message: null };
      this.#records.set(id, { ...record, state: "waiting" });
    });
    this.#added = added.catch(() => undefined); // the caller is told
    await added;
    this.#options.board.add(id, name);
    await this.#save();
    this.#next();
    return id;
  }

  /** Stops a job that runs, or takes it off the queue. */
  async cancel(id: string): Promise<void> {
    // One that waits may still be the one that runs: it was cancelled, and started again before all of it had ended.
    if (this.#find(id).state === "waiting") await this.#become(id, "cancelled");
    else if (this.#running?.id === id) {
      this.#running.stop.abort(new DOMException("The job was cancelled", "AbortError"));
      await this.#runs;
    }
  }

  /** Runs a job that failed or was cancelled once more, after those that wait. */
  async restart(id: string): Promise<void> {
    const job = this.#find(id);
    if (!job.isOver || job.state === "done") return;
    this.#options.board.move(job, undefined);
    await this.#become(id, "waiting");
    this.#next();
  }

  /** Takes a job off the list, and deletes its result. */
  async remove(id: string): Promise<void> {
    await this.cancel(id);
    const job = this.#find(id);
    const record = this.#records.get(id);
    this.#records.delete(id);
    this.#options.board.remove(job);
    if (record) await this.#options.folder.removeResult(record.output);
    await this.#save();
  }

  /** Moves a waiting job before another one, or to the end. */
  async move(id: string, before: string | null): Promise<void> {
    this.#options.board.move(this.#find(id), before === null ? undefined : this.#find(before));
    await this.#save();
  }

  /** Where the result of a job is, if it is done. */
  result(id: string): { readonly path: string; readonly name: string } | undefined {
    const record = this.#records.get(id);
    if (record?.state !== "done") return undefined;
    return { path: this.#options.folder.resultPath(record.output), name: record.output };
  }

  /** Whether a source is still needed by a job that waits or runs. */
  uses(source: string): boolean {
    return this.#options.board.jobs.some((job) =>
      !job.isOver && this.#records.get(job.id)?.source === source
    );
  }

  /** Stores uploads and jobs; to be called when the uploads changed. */
  async save(): Promise<void> {
    await this.#save();
  }

  #find(id: string): WatchedJob {
    const job = this.#options.board.find(id);
    if (job === undefined) throw new RequestError("There is no such job: it was removed");
    return job;
  }

  #restore(record: JobRecord): void {
    const state = record.state === "running" ? "waiting" : record.state;
    this.#records.set(record.id, { ...record, state });
    this.#options.board.add(record.id, record.name);
    if (state !== "waiting") this.#show(record.id);
  }

  /** Starts the first job that waits, if none runs. */
  #next(): void {
    if (this.#running !== undefined || !this.#isStarted || this.#isDisposed) return;
    const job = this.#options.board.jobs.find(({ state }) => state === "waiting");
    const record = job && this.#records.get(job.id);
    if (job === undefined || record === undefined) return;
    const stop = new AbortController();
    this.#running = { id: job.id, stop };
    this.#runs = this.#run(record, job, stop.signal).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  /** Never rejects: what goes wrong is the job's. */
  async #run(record: JobRecord, watched: WatchedJob, signal: AbortSignal): Promise<void> {
    const { folder, run, pathOf, explain } = this.#options;
    const { id, source, settings, output } = record;
    try {
      await this.#become(id, "running");
      await folder.removeResult(output); // what a server that was killed left
      const input = await pathOf(source);
      const report = await run({ settings, input, output: folder.resultPath(output), watched, signal });
      await this.#become(id, "done", { report });
    } catch (error) {
      await folder.removeResult(output).catch((error) => this.#options.onWarning(explain(error)));
      // A job that the end of the server stopped is stored as running, and so runs again.
      if (this.#isDisposed) return;
      if (signal.aborted) await this.#become(id, "cancelled");
      else await this.#become(id, "failed", { message: explain(error) });
    }
  }

  async #become(
    id: string,
    state: JobRecord["state"],
    { report = null, message = null }: Partial<Pick<JobRecord, "report" | "message">> = {},
  ): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.set(id, { ...record, state, report, message });
    this.#show(id);
    await this.#save();
  }

  /** Shows viewers the state of a record. */
  #show(id: string): void {
    const record = this.#records.get(id);
    if (record) this.#find(id).become(record.state, this.#factsOf(record));
  }

  #factsOf({ source, settings: { range, crop }, state, output, report, message }: JobRecord): JobFacts {
    const { folder, pathOf } = this.#options;
    if (state !== "done") return message === null ? {} : { message };
    const notes = [report?.damage, ...report?.notes ?? []].filter((note) => typeof note === "string");
    return {
      canDownload: true,
      result: async () => ({ input: await pathOf(source), output: folder.resultPath(output), range, crop }),
      ...(!folder.isTemporary && { savedAs: folder.shownPath(output) }),
      ...(notes.length > 0 && { message: notes.join("; ") }),
    };
  }

  async #freeOutput(name: string): Promise<string> {
    const reserved = new Set([...this.#records.values()].map(({ output }) => output.toLowerCase()));
    for (;;) {
      const free = freeName(name, (tried) => reserved.has(tried.toLowerCase()));
      const isThere = await stat(this.#options.folder.resultPath(free)).then(() => true, () => false);
      if (!isThere) return free;
      reserved.add(free.toLowerCase());
    }
  }

  /** A list that cannot be stored does not end a job: it is said, and stored with the next change. */
  async #save(): Promise<void> {
    const { board, folder, uploads, onWarning, explain } = this.#options;
    const jobs = board.jobs.map(({ id }) => this.#records.get(id)).filter((record) => record !== undefined);
    await folder.save({ uploads: [...uploads.list()], jobs }).catch((error) => onWarning(explain(error)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#running?.stop.abort(new DOMException("The server is shutting down", "AbortError"));
    await this.#runs;
  }
}

/** "clip.mp4" → "clip.deblurred.mp4". */
function resultName(source: string): string {
  const name = source.split("/").at(-1) ?? "";
  return `${parse(name).name}.deblurred${extname(writtenName(name)) || ".mkv"}`;
}
