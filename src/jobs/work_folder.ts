import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { MediaError, messageOf } from "../errors.ts";
import { guardWrite, refuseInput, writeWhole } from "../part_file.ts";
import { PartLock } from "../part_lock.ts";
import { hashFile } from "../hash_file.ts";
import {
  findChanges,
  jobDigest,
  type JobManifest,
  type JobPlan,
  parseManifest,
  serializeManifest,
} from "./job_manifest.ts";
import { parseRecord, type SegmentRecord } from "./segment_record.ts";

/** What {@linkcode WorkFolder.open} is to make or find. */
export interface WorkFolderOptions {
  readonly input: string;
  /** What would be restored now, and how. */
  readonly job: JobPlan;
  /** Plans a new job. */
  readonly plan: () => Promise<JobManifest>;
  /** Discard what an earlier run left. @default {false} */
  readonly fresh?: boolean;
}

const MANIFEST = "manifest.json";

/**
 * The folder `NAME.part` beside the output NAME, which keeps the segments of a job until they are joined. It outlives a process that
 * is killed; the next one that opens it continues. Disposing it releases its lock, and removes it only if no segment is done.
 */
export class WorkFolder implements AsyncDisposable {
  readonly manifest: JobManifest;
  readonly #path: string;
  readonly #output: string;
  readonly #job: string;
  readonly #records: Map<number, SegmentRecord>;
  readonly #lock: PartLock | undefined;

  private constructor(
    output: string,
    manifest: JobManifest,
    records: Map<number, SegmentRecord>,
    lock: PartLock | undefined,
  ) {
    [this.#output, this.#path] = [output, `${resolve(output)}.part`];
    [this.manifest, this.#records, this.#lock] = [manifest, records, lock];
    this.#job = jobDigest(manifest);
  }

  /**
   * Opens the folder of an output, with what an earlier run has done of the same job, or makes it.
   *
   * @throws {MediaError} if another process works in it, it holds another job's work (without `fresh`) or something else, or it
   * cannot be written.
   */
  static async open(output: string, options: WorkFolderOptions): Promise<WorkFolder> {
    const path = `${resolve(output)}.part`;
    await refuseInput(output, [options.input]);
    let lock: PartLock | undefined;
    try {
      await guardWrite(output, async () => {
        lock = await PartLock.take(path);
      });
      const manifest = await found(path, options, lock?.isLeftOver ?? false);
      const records = manifest ? await readRecords(path, manifest) : new Map<number, SegmentRecord>();
      const opened = new WorkFolder(output, manifest ?? await options.plan(), records, lock);
      if (!manifest) await opened.#make();
      return opened;
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  /** Where the packets of a segment are written. */
  segmentPath(index: number): string {
    return join(this.#path, `${String(index).padStart(6, "0")}.segment`);
  }

  /** Where the segments are joined. */
  get joinedPath(): string {
    return join(this.#path, `joined${extname(this.#output)}`);
  }

  /** What is known of the segments that are done, by number. */
  get records(): ReadonlyMap<number, SegmentRecord> {
    return this.#records;
  }

  /** Numbers of the segments that are not done yet. */
  get missing(): number[] {
    return [...this.manifest.segments.keys()].filter((index) => !this.#records.has(index));
  }

  /** Notes that a segment is done: from here on no later run does it again. */
  async addRecord(index: number, record: SegmentRecord): Promise<void> {
    await writeWhole(
      recordPath(this.#path, index),
      new TextEncoder().encode(`${JSON.stringify(record)}\n`),
      { overwrite: true, takeOver: true },
    );
    this.#records.set(index, record);
  }

  /** Forgets segments whose files are not what was written. @returns how many there were. */
  async forgetDamaged(): Promise<number> {
    let damaged = 0;
    for (const [index, { sha256 }] of [...this.#records]) {
      const is = await hashFile(this.segmentPath(index)).catch(() => undefined);
      if (is === sha256) continue;
      damaged++;
      this.#records.delete(index);
      await rm(recordPath(this.#path, index), { force: true });
    }
    return damaged;
  }

  /** Gives the joined video its name, and removes the folder. @throws {MediaError} if the output exists (without `overwrite`). */
  async complete(overwrite: boolean): Promise<void> {
    const isThere = await stat(this.#output).then(() => true, () => false);
    if (isThere && !overwrite) {
      throw new MediaError(this.#output, "The output exists. Use another name, or --overwrite");
    }
    await guardWrite(this.#output, () => rename(this.joinedPath, resolve(this.#output)));
    await rm(this.#path, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#records.size === 0) await rm(this.#path, { recursive: true, force: true });
    await this.#lock?.release();
  }

  async #make(): Promise<void> {
    await guardWrite(this.#output, async () => void await mkdir(this.#path));
    const text = new TextEncoder().encode(serializeManifest(this.manifest));
    await writeWhole(join(this.#path, MANIFEST), text, { takeOver: true });
  }
}

function recordPath(folder: string, index: number): string {
  return join(folder, `${String(index).padStart(6, "0")}.json`);
}

/**
 * The manifest of an earlier run of the same job. What a dead job left that cannot be continued is removed.
 *
 * @param isLeftOver whether a job of this program was killed while it wrote `path`
 */
async function found(
  path: string,
  { job, fresh = false }: WorkFolderOptions,
  isLeftOver: boolean,
): Promise<JobManifest | undefined> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return undefined;
  const text = await readFile(join(path, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) {
    const isEmpty = there.isDirectory() && (await readdir(path)).length === 0;
    if (!isLeftOver && !isEmpty) {
      const what = "It is there already, and no job of this program has left it";
      throw new MediaError(path, `${what}. Move it away, or use another name`);
    }
    await rm(path, { recursive: true });
    return undefined;
  }
  const reason = whyNot(text, job);
  if (!fresh) {
    if (typeof reason !== "string") return reason;
    const choice =
      "To go on with it, use what it was begun with; to begin anew, add --fresh, which discards it";
    throw new MediaError(path, `It holds unfinished work that does not fit: ${reason}. ${choice}`);
  }
  await rm(path, { recursive: true });
  return undefined;
}

/** A manifest that fits a job, or why it does not. */
function whyNot(text: string, job: WorkFolderOptions["job"]): JobManifest | string {
  let manifest: JobManifest;
  try {
    manifest = parseManifest(text);
  } catch (error) {
    return `its ${MANIFEST} cannot be used (${messageOf(error)})`;
  }
  const changes = findChanges(manifest, job);
  return changes.length === 0 ? manifest : changes.join(", ");
}

/** The segments that are done and whose files are as they were written. */
async function readRecords(path: string, manifest: JobManifest): Promise<Map<number, SegmentRecord>> {
  const job = jobDigest(manifest);
  const records = new Map<number, SegmentRecord>();
  for (const index of manifest.segments.keys()) {
    const text = await readFile(recordPath(path, index), "utf8").catch(() => "");
    const record = parseRecord(text);
    if (record?.job !== job || record.index !== index) continue;
    const file = join(path, `${String(index).padStart(6, "0")}.segment`);
    if (await hashFile(file).catch(() => undefined) === record.sha256) records.set(index, record);
  }
  return records;
}
