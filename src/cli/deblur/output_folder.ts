import { mkdir, rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf, MediaError, messageOf } from "../../errors.ts";

/**
 * Makes a folder for results, unless it exists. Disposing removes the folders that were made, if they are still empty.
 *
 * @throws {MediaError} if it cannot be made.
 */
export async function openOutputFolder(path: string): Promise<AsyncDisposable> {
  const folder = resolve(path);
  const made = await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new MediaError(path, `Cannot make this folder: ${messageOf(cause)}. Choose another with -o`, {
      cause,
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      if (made === undefined) return;
      try {
        for (let empty = folder; empty.length >= made.length; empty = dirname(empty)) await rmdir(empty);
      } catch (error) {
        // It is in use, or somebody has removed it already.
        if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error) ?? "")) throw error;
      }
    },
  };
}
