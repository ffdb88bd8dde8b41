import { mkdir, rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { MediaError } from "../errors.ts";

/**
 * A folder for results, made if it is not there. When it is disposed and nothing came into it, what was made is
 * removed again.
 *
 * @throws {MediaError} if it cannot be made.
 */
export async function openOutputFolder(path: string): Promise<AsyncDisposable> {
  const folder = resolve(path);
  const made = await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new MediaError(path, "Cannot make this folder; wanted one that may be written", { cause });
  });
  return {
    async [Symbol.asyncDispose]() {
      if (made === undefined) return;
      try {
        for (let empty = folder; empty.length >= made.length; empty = dirname(empty)) await rmdir(empty);
      } catch (error) {
        const isInUse = error instanceof Error && "code" in error &&
          (error.code === "ENOTEMPTY" || error.code === "EEXIST");
        if (!isInUse) throw error;
      }
    },
  };
}
