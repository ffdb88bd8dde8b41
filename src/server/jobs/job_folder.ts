import { chmod, mkdir, mkdtemp, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import * as v from "valibot";
import { codeOf, MediaError, messageOf, UsageError } from "../../errors.ts";
import { writeWhole } from "../../part_file.ts";
import { isToken, newToken } from "../http/security.ts";
import { jobRecord, type UploadRecord, uploadRecord } from "./job.ts";

const savedState = v.strictObject({
  version: v.literal(1),
  uploads: v.array(uploadRecord),
  jobs: v.array(jobRecord),
});

/** Uploads and jobs of a server, as they are stored. */
export type SavedState = Omit<v.InferOutput<typeof savedState>, "version">;

/**
 * The folder of a server's uploads, jobs and results, which no other server uses at the same time:
 *
 * ```
 * jobs.json           what is there, and what is to be done
 * token               of the page's address, for whoever starts the server again
 * uploads/ID/NAME     files that were sent
 * results/NAME        what jobs wrote
 * ```
 *
 * Disposing removes a temporary folder.
 */
export class JobFolder implements AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** Whether it is gone when the server ends. */
  readonly isTemporary: boolean;
  readonly #lock: Deno.FsFile;
  #saving: Promise<void> = Promise.resolve();
  #unsaved: SavedState | undefined;

  private constructor(path: string, isTemporary: boolean, lock: Deno.FsFile) {
    this.path = path;
    this.isTemporary = isTemporary;
    this.#lock = lock;
  }

  /**
   * Makes the folder, unless it is there.
   *
   * @param folder @default {a temporary one}
   * @throws {UsageError} if it cannot be written to, or another server uses it.
   */
  static async open(folder?: string): Promise<JobFolder> {
    const path = folder === undefined ? undefined : resolve(folder);
    try {
      const made = path ?? await mkdtemp(join(tmpdir(), "mtdn-jobs-"));
      for (const name of ["uploads", "results"]) await mkdir(join(made, name), { recursive: true });
      const lock = await Deno.open(join(made, "lock"), { create: true, write: true });
      if (await lock.tryLock(true)) return new JobFolder(made, path === undefined, lock);
      lock.close();
    } catch (cause) {
      const where = path ?? tmpdir();
      if (cause instanceof Deno.errors.NotCapable) {
        throw new UsageError(
          `Cannot keep jobs in ${where}: this program may not write there. Start it with --allow-write=${where}`,
          { cause },
        );
      }
      throw new UsageError(`Cannot keep jobs in ${where}: ${messageOf(cause)}. Choose another --jobs`, {
        cause,
      });
    }
    throw new UsageError(`Cannot keep jobs in ${path}: another server uses it. Choose another --jobs`);
  }

  /**
   * What was stored last; nothing at first.
   *
   * @throws {MediaError} if it cannot be understood.
   */
  async load(): Promise<SavedState> {
    const path = join(this.path, "jobs.json");
    const text = await readFile(path, "utf8").catch((error) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return { uploads: [], jobs: [] };
    try {
      const { uploads, jobs } = v.parse(savedState, JSON.parse(text));
      return { uploads, jobs };
    } catch (cause) {
      const what = `The list of jobs cannot be read: ${messageOf(cause)}`;
      throw new MediaError(path, `${what}. Delete or rename it to begin with an empty list`, { cause });
    }
  }

  /**
   * Stores a state, whole or not at all. Of several at once, only the last is written.
   *
   * @throws {MediaError} if the disk takes no more.
   */
  async save(state: SavedState): Promise<void> {
    this.#unsaved = state;
    const before = this.#saving;
    const saving = before.catch(() => undefined).then(async () => {
      const latest = this.#unsaved;
      this.#unsaved = undefined;
      if (latest === undefined) return;
      const bytes = new TextEncoder().encode(`${JSON.stringify({ version: 1, ...latest }, null, 1)}\n`);
      try {
        // A server that was killed while it wrote leaves its part file; no other one uses this folder.
        await writeWhole(join(this.path, "jobs.json"), bytes, { overwrite: true, takeOver: true });
      } catch (error) {
        this.#unsaved ??= latest; // for the next one
        throw error;
      }
    });
    this.#saving = saving;
    await saving;
  }

  /** The token of the page's address: the one of the last time, or a new one. */
  async token(): Promise<string> {
    const path = join(this.path, "token");
    const known = (await readFile(path, "utf8").catch(() => "")).trim();
    if (isToken(known)) return known;
    const token = newToken();
    await writeFile(path, `${token}\n`, { mode: 0o600 });
    await chmod(path, 0o600).catch(() => undefined); // not everywhere are there modes
    return token;
  }

  /** Where an uploaded file is, alone in a folder of its own. */
  uploadPath({ id, name }: Pick<UploadRecord, "id" | "name">): string {
    return join(this.path, "uploads", id, name);
  }

  /** Removes an upload, whole or not. */
  async removeUpload({ id }: Pick<UploadRecord, "id">): Promise<void> {
    await rm(join(this.path, "uploads", id), { recursive: true, force: true });
  }

  /** Where a result is, or is to be. @param output File name. */
  resultPath(output: string): string {
    return join(this.path, "results", output);
  }

  /** Removes a result, with what a job that was killed left of it. */
  async removeResult(output: string): Promise<void> {
    for (const path of [this.resultPath(output), `${this.resultPath(output)}.part`]) {
      await rm(path, { force: true });
    }
  }

  /** A result's place for people: with the folder's own name, not with where that is. */
  shownPath(output: string): string {
    return `${basename(this.path)}/results/${output}`;
  }

  /** Bytes that the disk still takes. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Waits until everything is stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving.catch(() => undefined); // whoever saved was told
    this.#lock.close();
    if (this.isTemporary) await rm(this.path, { recursive: true, force: true });
  }
}
