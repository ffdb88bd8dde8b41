import { mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf, MediaError, messageOf } from "./errors.ts";
import { PartLock, reasonOf } from "./part_lock.ts";
import { addUnfinished, deleteUnfinished } from "./unfinished_outputs.ts";

/** Options of {@linkcode PartFile.create}. */
export interface PartFileOptions {
  /** Inputs, none of which may be the output. @default {[]} */
  readonly inputs?: readonly string[];
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
  /** The output is a folder. @default {false} */
  readonly folder?: boolean;
  /** Replace a folder that exists as a whole, instead of only the files in it that are written. @default {false} */
  readonly replace?: boolean;
  /**
   * Replace a part file that is there, without a lock. For a folder that belongs to one job, which continues after it was killed: no
   * other job can have left it. @default {false}
   */
  readonly takeOver?: boolean;
}

/**
 * Writes a file so that a crash at any moment leaves the old one or the new one, never a part of it.
 *
 * @throws {MediaError} as {@linkcode PartFile.create} does, or if the disk takes no more.
 */
export async function writeWhole(
  path: string,
  bytes: Uint8Array,
  options: PartFileOptions = {},
): Promise<void> {
  const part = await PartFile.create(path, options);
  try {
    await guardWrite(path, async () => {
      await writeFile(part.partPath, bytes);
      await part.complete();
    });
  } catch (error) {
    await part.discard();
    throw error;
  }
}

/** Calls `write`. @throws {MediaError} if it fails, naming `path` and the reason. */
export async function guardWrite<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** What {@linkcode guardWrite} throws. */
export function unwritable(path: string, cause: unknown): MediaError {
  return cause instanceof MediaError
    ? cause
    : new MediaError(path, `Cannot be written: ${messageOf(cause)}`, { cause });
}

/** An output that grows as `NAME.part` beside its final place and gets its name only when it is whole. */
export class PartFile {
  /** Where the output grows. */
  readonly partPath: string;
  readonly #path: string;
  readonly #overwrite: boolean;
  readonly #folder: boolean;
  readonly #replace: boolean;
  /** Whether the part file exists and was made by this object: no other may be removed. */
  #isOurs = false;
  #lock: PartLock | undefined;

  private constructor(path: string, options: PartFileOptions) {
    const { overwrite = false, folder = false, replace = false } = options;
    this.#path = path;
    this.partPath = `${resolve(path)}.part`;
    this.#overwrite = overwrite;
    this.#folder = folder;
    this.#replace = replace;
  }

  /**
   * Makes the empty part file, so that an output that cannot be written fails before any work is done. A part file that a
   * killed job has left is replaced.
   *
   * @throws {MediaError} if the output exists (without `overwrite`), is an input, cannot be written there, or has a part
   * file already that a running job writes, or that is no job's (without `takeOver`).
   */
  static async create(path: string, options: PartFileOptions = {}): Promise<PartFile> {
    const self = new PartFile(path, options);
    await refuseInput(path, options.inputs ?? []);
    await self.#refuseExisting(path);
    try {
      if (!options.takeOver) self.#lock = await PartLock.take(self.partPath);
      if (self.#lock?.isLeftOver) await rm(self.partPath, { force: true, recursive: true });
      await self.#make(options.takeOver ?? false);
    } catch (cause) {
      await self.#lock?.release();
      throw self.#unmakeable(cause);
    }
    return self;
  }

  async #make(takeOver: boolean): Promise<void> {
    if (this.#folder) await mkdir(this.partPath);
    const file = this.#folder ? undefined : await open(this.partPath, takeOver ? "w" : "wx");
    this.#isOurs = true;
    addUnfinished(this.partPath);
    await file?.close();
  }

  #unmakeable(cause: unknown): MediaError {
    if (cause instanceof MediaError) return cause;
    if (codeOf(cause) === "EEXIST") {
      const what = "It is there already, and no job of this program has left it";
      return new MediaError(this.partPath, `${what}. Move it away, or use another name`, { cause });
    }
    const folder = dirname(resolve(this.#path));
    if (codeOf(cause) === "ENOENT") {
      return new MediaError(this.#path, `There is no folder ${folder}. Make it first, or use another one`, {
        cause,
      });
    }
    const message = `Cannot write in the folder ${folder}: ${reasonOf(cause)}. Use another folder`;
    return new MediaError(this.#path, message, { cause });
  }

  /**
   * Flushes what was written to the disk and gives it its name; `path` is another name in the same folder.
   *
   * @throws {MediaError} if the output exists by now (without `overwrite`), or what was written is gone.
   */
  async complete(path: string = this.#path): Promise<void> {
    try {
      await this.#complete(path);
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw unwritable(path, cause);
      const what = "What was written is gone: its folder, or the part file in it, was removed during the job";
      throw new MediaError(path, `${what}. Run the job again`, { cause });
    }
    await this.#lock?.release();
  }

  async #complete(path: string): Promise<void> {
    const files = this.#folder ? await filesBelow(this.partPath) : [this.partPath];
    for (const file of files) {
      await using handle = await open(file, "r+");
      await handle.sync();
    }
    await this.#refuseExisting(path);
    const place = resolve(path);
    const isThere = this.#folder && await stat(place).then(() => true, () => false);
    if (!isThere) await rename(this.partPath, place);
    else if (this.#replace) await this.#replaceFolder(place);
    else await this.#fill(place, files);
    this.#isOurs = false;
    deleteUnfinished(this.partPath);
  }

  /** Replaces files in a folder that exists, one by one; other files in it stay. */
  async #fill(folder: string, files: readonly string[]): Promise<void> {
    for (const file of files) await rename(file, join(folder, basename(file)));
    await this.discard();
  }

  /** Puts the part folder in the place of one that exists, which is removed last. */
  async #replaceFolder(folder: string): Promise<void> {
    const old = `${folder}.old.part`;
    await rm(old, { recursive: true, force: true });
    await rename(folder, old);
    await rename(this.partPath, folder);
    await rm(old, { recursive: true, force: true });
  }

  /** Removes the part file, if it is there still. */
  async discard(): Promise<void> {
    if (this.#isOurs) {
      this.#isOurs = false;
      await rm(this.partPath, { force: true, recursive: this.#folder });
      deleteUnfinished(this.partPath);
    }
    await this.#lock?.release();
  }

  async #refuseExisting(path: string): Promise<void> {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() && !this.#folder) {
      throw new MediaError(path, "The output is a folder. Give the name of a file");
    }
    if (there?.isDirectory() && there.dev !== (await stat(dirname(resolve(path)))).dev) {
      throw new MediaError(path, "Another disk begins at this folder. Use a folder inside it");
    }
    if (there && !this.#overwrite) {
      throw new MediaError(path, "The output exists. Use another name, or --overwrite");
    }
  }
}

/** The files in a folder and in folders within. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => entry.isFile() ? [join(entry.parentPath, entry.name)] : []);
}

/**
 * @throws {MediaError} if `path` is one of `inputs`, by whatever name or link.
 */
export async function refuseInput(path: string, inputs: readonly string[]): Promise<void> {
  const output = await trueName(path);
  for (const input of inputs) {
    if (await trueName(input) === output) {
      throw new MediaError(path, "The output is the input. Use another name");
    }
  }
}

/** The path without links; a file that is not there yet is named by its folder. Hard links share an inode. */
async function trueName(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return ino === 0n ? await realpath(path) : `${dev}:${ino}`;
  } catch {
    const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return `${folder}/${basename(path)}`;
  }
}
