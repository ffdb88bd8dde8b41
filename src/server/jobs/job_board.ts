import type { JobEntry } from "../protocol.ts";
import { type JobChange, WatchedJob } from "./watched_job.ts";

/** The jobs that viewers see, in their order. */
export class JobBoard {
  readonly #listeners = new Set<(change: JobChange) => void>();
  #jobs: readonly WatchedJob[] = [];

  /** In the order in which they run. */
  get jobs(): readonly WatchedJob[] {
    return this.#jobs;
  }

  /** The job of that id. */
  find(id: string): WatchedJob | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  /** What viewers are sent. */
  describe(): readonly JobEntry[] {
    return this.#jobs.map((job) => job.describe());
  }

  /** Adds a job that waits, as the last. @param name What viewers see; a file name, not a path. */
  add(id: string, name: string): WatchedJob {
    const job = new WatchedJob(id, name);
    job.listen((change) => this.#changed(change));
    this.#jobs = [...this.#jobs, job];
    this.#changed("state");
    return job;
  }

  /** Takes a job off. */
  remove(job: WatchedJob): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    this.#changed("state");
  }

  /** Moves a job before another, or to the end. */
  move(job: WatchedJob, before: WatchedJob | undefined): void {
    const others = this.#jobs.filter((other) => other !== job);
    const at = before === undefined ? -1 : others.indexOf(before);
    this.#jobs = at < 0 ? [...others, job] : others.toSpliced(at, 0, job);
    this.#changed("state");
  }

  /** Calls `listener` after every change, until the function returned is called. */
  listen(listener: (change: JobChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(change: JobChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
