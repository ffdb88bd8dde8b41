import { readFile, rm, stat } from "node:fs/promises";
import process from "node:process";
import { codeOf, MediaError, messageOf } from "./errors.ts";
import { addUnfinished, deleteUnfinished } from "./unfinished_outputs.ts";

/**
 * The lock of an output that is being written: the file `NAME.part.lock` beside `NAME.part`, locked by the operating system. The
 * system lifts the lock when the process ends, however it ends, so a lock that can be taken belongs to no running job.
 */
export class PartLock {
  /** Whether a job that did not end in order left the lock file: then what it locked is left over too. */
  readonly isLeftOver: boolean;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #isReleased = false;

  private constructor(path: string, file: Deno.FsFile, isLeftOver: boolean) {
    [this.#path, this.#file, this.isLeftOver] = [path, file, isLeftOver];
  }

  /**
   * Takes the lock of `partPath`.
   *
   * @returns `undefined` on a file system that has no locks.
   * @throws {MediaError} naming `partPath` if a running job holds it.
   * @throws what the file system says, if the lock file cannot be made.
   */
  static async take(partPath: string): Promise<PartLock | undefined> {
    const path = `${partPath}.lock`;
    for (;;) {
      const file = await Deno.open(path, { create: true, read: true, write: true });
      try {
        const isTaken = await file.tryLock(true).catch(() => undefined);
        if (isTaken === false) throw await inUse(partPath, path);
        if (isTaken === undefined || await isAt(file, path)) {
          const lock = new PartLock(path, file, (await file.stat()).size > 0);
          addUnfinished(path);
          if (isTaken) await lock.#sign();
          else await lock.release();
          return isTaken ? lock : undefined;
        }
      } catch (error) {
        file.close();
        throw error;
      }
      file.close(); // its job has removed it in the meantime: make another one
    }
  }

  /** Removes the lock file. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    try {
      await rm(this.#path, { force: true });
      deleteUnfinished(this.#path);
    } finally {
      this.#file.close(); // last: until then no other process can lock the file that is being removed
    }
  }

  /** Says in the file who holds the lock. */
  async #sign(): Promise<void> {
    const text = new TextEncoder().encode(`process ${process.pid}, since ${new Date().toISOString()}\n`);
    try {
      await this.#file.truncate();
      let written = 0;
      while (written < text.length) written += await this.#file.write(text.subarray(written));
    } catch (error) {
      if (!this.isLeftOver) await rm(this.#path, { force: true });
      deleteUnfinished(this.#path);
      throw error;
    }
  }
}

/** Whether `path` is still the name of an open file. */
async function isAt(file: Deno.FsFile, path: string): Promise<boolean> {
  const { ino, dev } = await file.stat();
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (ino === null || (found.ino === ino && found.dev === dev));
}

async function inUse(partPath: string, lockPath: string): Promise<MediaError> {
  // On Windows no other process can read a locked file.
  const owner = await readFile(lockPath, "utf8").catch(() => "");
  const who = owner.trim() === "" ? "" : ` (${owner.trim()})`;
  return new MediaError(
    partPath,
    `Another job is writing it${who}. Wait until it has ended, or use another name`,
  );
}

/** Why taking a lock or making a file failed, by its code: its message would name a file that the user does not know. */
export function reasonOf(error: unknown): string {
  return codeOf(error) ?? messageOf(error);
}
