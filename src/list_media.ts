import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MediaError, messageOf } from "./errors.ts";
import { kindInFolder, type NamedKind } from "./media_name.ts";

/**
 * Names of the media files of some kinds in a folder (not in folders within), in the order of the numbers in them: "f9.png"
 * before "f10.png". Links to files count, hidden files do not.
 *
 * @throws {MediaError} if the folder cannot be read.
 */
export async function listMedia(folder: string, kinds: readonly NamedKind[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new MediaError(folder, `The folder cannot be read: ${messageOf(cause)}`, { cause });
  });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const kind = await kindInFolder(path);
    if (kind === undefined || !kinds.includes(kind)) continue;
    if (entry.isFile() || entry.isSymbolicLink() && await isFile(path)) names.push(entry.name);
  }
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}

/** Whether a link leads to a file; one that leads nowhere is kept, so that the error of opening it names it. */
async function isFile(link: string): Promise<boolean> {
  return await stat(link).then((found) => found.isFile(), () => true);
}
