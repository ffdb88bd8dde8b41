import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PartLock } from "../../part_lock.ts";
import { addUnfinished, deleteUnfinished } from "../../unfinished_outputs.ts";

const PREFIX = "mtdn-work-";

/** The temporary folder of a worker, which holds the input of its job. Dispose it, which removes it. */
export class WorkerFolder implements AsyncDisposable {
  readonly path: string;
  readonly #lock: PartLock | undefined;

  private constructor(path: string, lock: PartLock | undefined) {
    [this.path, this.#lock] = [path, lock];
  }

  /** Makes a folder, and removes those that killed workers have left. @param parent Where temporary folders are. */
  static async make(parent: string): Promise<WorkerFolder> {
    await removeLeftOver(parent);
    const path = await mkdtemp(join(parent, PREFIX));
    addUnfinished(path);
    return new WorkerFolder(path, await PartLock.take(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    deleteUnfinished(this.path);
    await this.#lock?.release();
  }
}

async function removeLeftOver(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const lockPath = join(parent, name);
    if (!name.startsWith(PREFIX) || !name.endsWith(".lock")) continue;
    if (await stat(lockPath).then(({ size }) => size === 0, () => true)) continue; // it is being made, or removed
    const path = lockPath.slice(0, -".lock".length);
    try {
      const lock = await PartLock.take(path);
      if (lock?.isLeftOver) await rm(path, { recursive: true, force: true });
      await lock?.release();
    } catch {
      // A worker that runs holds it, or another user's did: neither is ours to remove.
    }
  }
}
