import { basename } from "node:path";
import { messageOf } from "../../errors.ts";
import { type DeblurReport, type FrameSource, isLiveAddress, shownAddress } from "../../../mod.ts";
import type { JobPreview } from "../../server/job_preview.ts";
import type { WatchedJob } from "../../server/jobs/watched_job.ts";
import type { CommandIo } from "../command_io.ts";
import type { DeblurFlags } from "./deblur_flags.ts";
import type { Job } from "./find_jobs.ts";

/** What `--preview` shows of a job whose frames can be seen once it is done. */
interface FinishedJob {
  readonly source: FrameSource;
  /** Where the result is. */
  readonly output: string;
  readonly report: DeblurReport;
}

/** What a viewer needs to know of the command whose jobs it shows. */
interface ViewedCommand {
  readonly flags: DeblurFlags;
  readonly io: Pick<CommandIo, "stderr">;
}

/** Shows all jobs of a command on one page, from the first that begins until it is disposed. */
export class JobViewer implements AsyncDisposable {
  readonly #jobs: readonly Job[];
  readonly #command: ViewedCommand;
  readonly #watched = new Map<string, WatchedJob>();
  #preview: JobPreview | undefined;

  constructor(jobs: readonly Job[], command: ViewedCommand) {
    [this.#jobs, this.#command] = [jobs, command];
  }

  /** Shows that a job begins; prints the page's address at the first. */
  async begin({ output }: Job): Promise<WatchedJob | undefined> {
    if (this.#preview === undefined) await this.#open();
    const watched = this.#watched.get(output);
    watched?.become("running");
    return watched;
  }

  /** Shows that a job is done. */
  finish({ output: key }: Job, { source: { info }, output, report }: FinishedJob): void {
    const { crop = null, media: { start = 0, duration } } = this.#command.flags;
    const range = info.range === undefined
      ? null
      : { start, end: duration === undefined ? Infinity : start + duration };
    const canBeOpened = info.kind !== "live" && !this.#command.flags.branches;
    const notes = [report.damage, ...report.notes].filter((note) => note !== undefined);
    this.#watched.get(key)?.become("done", {
      savedAs: output,
      ...(notes.length > 0 && { message: notes.join("; ") }),
      ...(canBeOpened && { result: () => Promise.resolve({ input: info.path, output, range, crop }) }),
    });
  }

  /** Shows that a job failed, or was never begun. */
  fail({ output }: Job, error: unknown): void {
    this.#watched.get(output)?.become("failed", { message: messageOf(error) });
  }

  async #open(): Promise<void> {
    const { flags: { preset, device, detail }, io } = this.#command;
    const { createJobPreview } = await import("../../server/job_preview.ts");
    this.#preview = await createJobPreview({ device, detail, ...(preset !== undefined && { preset }) });
    for (const { input, output } of this.#jobs) {
      // An address may hold a password.
      const name = isLiveAddress(input) ? shownAddress(input) : basename(input);
      this.#watched.set(output, this.#preview.add(name));
    }
    io.stderr(`${this.#preview.url}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#preview?.[Symbol.asyncDispose]();
  }
}
