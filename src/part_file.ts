import { mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { MediaError, messageOf } from "./errors.ts";
import { addUnfinished, deleteUnfinished } from "./unfinished_outputs.ts";

/** Options of {@linkcode PartFile.create}. */
export interface PartFileOptions {
  /** Inputs, none of which may be the output. @default {[]} */
  readonly inputs?: readonly string[];
  /** Replace an output that exists. @default {false} */
  readonly overwrite?: boolean;
  /** The output is a folder. @default {false} */
  readonly folder?: boolean;
  /**
   * Overwrite a part file that exists: for a folder of one job only, which was killed before and left it. @default {false}
   */
  readonly takeOver?: boolean;
}

/**
 * Writes a file atomically: a crash at any moment leaves the old one or the new one, never half.
 *
 * @throws {MediaError} as {@linkcode PartFile.create} does, or if the disk is full.
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

/** Calls `write`. @throws {MediaError} naming `path` and the reason, if it fails. */
export async function guardWrite(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
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

/** An output that is written as `NAME.part` beside its final path and renamed when it is complete. */
export class PartFile {
  /** Where the output is written. */
  readonly partPath: string;
  readonly #path: string;
  readonly #overwrite: boolean;
  readonly #folder: boolean;
  /** Whether this object created the part file, which it may remove then. */
  #isOurs = false;

  private constructor(path: string, { overwrite = false, folder = false }: PartFileOptions) {
    this.#path = path;
    this.partPath = `${resolve(path)}.part`;
    this.#overwrite = overwrite;
    this.#folder = folder;
  }

  /**
   * Creates the empty part file, so that an output that cannot be written is reported before any work is done.
   *
   * @throws {MediaError} if the output exists (without `overwrite`), is an input, cannot be written there, or if its part
   * file exists (without `takeOver`): that of another job, or of one that was killed.
   */
  static async create(path: string, options: PartFileOptions = {}): Promise<PartFile> {
    const self = new PartFile(path, options);
    await refuseInput(path, options.inputs ?? []);
    await self.#refuseExisting(path);
    try {
      if (self.#folder) await mkdir(self.partPath);
      const file = self.#folder ? undefined : await open(self.partPath, options.takeOver ? "w" : "wx");
      self.#isOurs = true;
      addUnfinished(self.partPath);
      await file?.close();
    } catch (cause) {
      if (isCode(cause, "EEXIST")) {
        const why = "another job is writing it, or one that was killed has left it";
        throw new MediaError(self.partPath, `This file exists: ${why}. In the second case, delete it.`, {
          cause,
        });
      }
      throw new MediaError(
        path,
        `Cannot write in the folder ${dirname(resolve(path))}: ${messageOf(cause)}. Choose another one.`,
        {
          cause,
        },
      );
    }
    return self;
  }

  /** Flushes the output to the disk and renames it. @param path Another name in the same folder. */
  async complete(path: string = this.#path): Promise<void> {
    const files = this.#folder
      ? (await readdir(this.partPath)).map((name) => join(this.partPath, name))
      : [this.partPath];
    for (const file of files) {
      await using handle = await open(file, "r+");
      await handle.sync();
    }
    await this.#refuseExisting(path);
    if (this.#folder && await stat(path).catch(() => undefined)) await this.#fill(resolve(path), files);
    else await rename(this.partPath, resolve(path));
    this.#isOurs = false;
    deleteUnfinished(this.partPath);
  }

  /** Replaces files of an existing folder one by one, and keeps its other files. */
  async #fill(folder: string, files: readonly string[]): Promise<void> {
    for (const file of files) await rename(file, join(folder, basename(file)));
    await this.discard();
  }

  /** Removes the part file, unless the output is complete. */
  async discard(): Promise<void> {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    await rm(this.partPath, { force: true, recursive: this.#folder });
    deleteUnfinished(this.partPath);
  }

  async #refuseExisting(path: string): Promise<void> {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() && !this.#folder) {
      throw new MediaError(path, "The output is a folder. Give the name of a file.");
    }
    if (there && !this.#overwrite) {
      throw new MediaError(
        path,
        "The output exists. Choose another name, or allow overwriting it (--overwrite).",
      );
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/**
 * @throws {MediaError} if `path` is one of `inputs`, by whatever name or link.
 */
export async function refuseInput(path: string, inputs: readonly string[]): Promise<void> {
  const output = await trueName(path);
  for (const input of inputs) {
    if (await trueName(input) === output) {
      throw new MediaError(path, "The output is the input. Choose another name.");
    }
  }
}

/** Identifies a file whatever its path: by its inode, or by the real path of its folder if it does not exist yet. */
async function trueName(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return ino === 0n ? await realpath(path) : `${dev}:${ino}`;
  } catch {
    const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return `${folder}/${basename(path)}`;
  }
}
