import { rmSync } from "node:fs";

/** Files and folders of this process that are still being written, by absolute path. */
const unfinished = new Set<string>();

/** Notes that this process has created `path` to write to it. */
export function addUnfinished(path: string): void {
  unfinished.add(path);
}

/** Notes that `path` is complete or removed. */
export function deleteUnfinished(path: string): void {
  unfinished.delete(path);
}

/**
 * Removes everything that is still being written, for an exit that cannot wait until its owners have cleaned up.
 *
 * @returns The paths that could not be removed: on Windows, those that are open.
 */
export function removeUnfinished(): string[] {
  const left: string[] = [];
  for (const path of unfinished) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      left.push(path);
    }
  }
  unfinished.clear();
  return left;
}
