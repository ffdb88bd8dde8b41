import { messageOf } from "../../errors.ts";
import type { Catalog } from "../sources/catalog.ts";
import type { EnginePool } from "../viewers/engine_pool.ts";
import { JobBoard } from "./job_board.ts";
import { JobFolder } from "./job_folder.ts";
import { JobQueue } from "./job_queue.ts";
import { runJob, type RunJobOptions } from "./run_job.ts";
import { Tickets } from "./tickets.ts";
import { Uploads } from "./uploads.ts";

/** Options of {@linkcode Workbench.open}. */
export interface WorkbenchOptions {
  /** Files that need not be sent. */
  readonly served: Catalog;
  readonly engines: EnginePool;
  readonly openMedia: RunJobOptions["openMedia"];
  /** Called with what the one who runs the server should know. */
  readonly onWarning: (line: string) => void;
  /** Bytes of the largest file that can be sent. @default {16 GiB} */
  readonly uploadLimit?: number;
}

/** A file to be downloaded. */
export interface Download {
  readonly path: string;
  /** File name for whoever downloads it. */
  readonly name: string;
}

/** Everything a server needs to take files and to restore them. Disposing it stops the job that runs; the folder is the caller's. */
export class Workbench implements AsyncDisposable {
  readonly board = new JobBoard();
  readonly tickets = new Tickets<Download>();
  readonly uploads: Uploads;
  readonly queue: JobQueue;
  /** The served files and those that were sent. */
  readonly catalog: Catalog;
  /** An error in words for a viewer; names no folder of this machine. */
  readonly explain: (error: unknown) => string;
  readonly #listeners = new Set<() => void>();

  private constructor(
    folder: JobFolder,
    state: Awaited<ReturnType<JobFolder["load"]>>,
    options: WorkbenchOptions,
  ) {
    const { served, engines, openMedia, onWarning, uploadLimit } = options;
    const probe = async (path: string) => {
      await using _source = await openMedia(path, {});
    };
    const limit = uploadLimit === undefined ? {} : { limit: uploadLimit };
    this.uploads = new Uploads({ folder, probe, ...limit }, state.uploads);
    this.catalog = this.#withUploads(served);
    this.explain = (error) =>
      messageOf(error).replaceAll(`${folder.path}/`, "").replaceAll(served.folder, "");
    this.queue = new JobQueue({
      folder,
      uploads: this.uploads,
      board: this.board,
      run: (job) => runJob(job, { engines, openMedia }),
      pathOf: (source) => this.catalog.path(source),
      explain: this.explain,
      onWarning,
    }, state.jobs);
  }

  /** Goes on with what is stored in the folder. @throws {MediaError} if that cannot be understood. */
  static async open(folder: JobFolder, options: WorkbenchOptions): Promise<Workbench> {
    return new Workbench(folder, await folder.load(), options);
  }

  /** Calls `listener` when the list of files changed, until the function returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stores that the list of uploads changed, and passes it on. */
  async uploadsChanged(): Promise<void> {
    for (const listener of this.#listeners) listener();
    await this.queue.save();
  }

  #withUploads(served: Catalog): Catalog {
    const { uploads } = this;
    return {
      folder: served.folder,
      passedOver: () => served.passedOver(),
      list: async () => [...await served.list(), ...uploads.list().map(({ id, name }) => ({ id, name }))],
      path: async (id) => uploads.path(id) ?? await served.path(id),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue[Symbol.asyncDispose]();
  }
}
