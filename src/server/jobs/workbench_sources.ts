import type { SourceEntry } from "../protocol.ts";
import type { FileSources } from "../sources/file_sources.ts";
import type { Playback, PlaybackContext, PreviewSources } from "../sources/playback.ts";
import type { JobBoard } from "./job_board.ts";
import { JobSources } from "./job_sources.ts";
import type { Workbench } from "./workbench.ts";

/** Files, and jobs by their ids. The list names the files only. */
export class WorkbenchSources implements PreviewSources {
  readonly mode = "files";
  readonly #files: FileSources;
  readonly #jobs: JobSources;
  readonly #board: JobBoard;
  readonly #explain: (error: unknown) => string;

  constructor(files: FileSources, { board, explain }: Pick<Workbench, "board" | "explain">) {
    [this.#files, this.#board, this.#explain] = [files, board, explain];
    this.#jobs = new JobSources(board, (...result) => files.compare(...result));
  }

  list(): Promise<readonly SourceEntry[]> {
    return this.#files.list();
  }

  passedOver(): Promise<string> {
    return this.#files.passedOver();
  }

  open(id: string, context: PlaybackContext): Promise<Playback> {
    const isJob = this.#board.find(id) !== undefined;
    return isJob ? this.#jobs.open(id, context) : this.#files.open(id, context);
  }

  explain(error: unknown): string {
    return this.#explain(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }
}
