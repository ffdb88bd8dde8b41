import { listFolder } from "./list_folder.ts";
import { kindInFolder, type NamedKind } from "./media_name.ts";

/**
 * Names of the media files of some kinds in a folder (not in folders within), in the order of the numbers in them: "f9.png"
 * before "f10.png". Links to files count, hidden files do not.
 *
 * @throws {MediaError} if the folder cannot be read.
 */
export async function listMedia(folder: string, kinds: readonly NamedKind[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, path, kind } of await listFolder(folder)) {
    if (kind !== "file" && kind !== "broken") continue; // opening a broken link names it
    const named = await kindInFolder(path);
    if (named !== undefined && kinds.includes(named)) names.push(name);
  }
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}
