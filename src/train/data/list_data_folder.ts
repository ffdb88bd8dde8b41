import { MediaError } from "../../errors.ts";
import { type FolderEntry, listFolder } from "../../list_folder.ts";

/**
 * What is in a folder of data, by name; hidden files and folders are left out.
 *
 * @throws {MediaError} if the folder cannot be read, or naming a broken link: skipped, it would be missing from the data unnoticed.
 */
export async function listDataFolder(folder: string): Promise<FolderEntry[]> {
  const entries = await listFolder(folder);
  const broken = entries.find(({ kind }) => kind === "broken");
  if (broken !== undefined) {
    throw new MediaError(broken.path, "The link is broken: it leads to nothing. Remove it or correct it");
  }
  return entries;
}
