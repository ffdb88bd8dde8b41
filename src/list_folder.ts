import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MediaError, messageOf } from "./errors.ts";
import { kindInFolder } from "./media_name.ts";
import { PassedOver } from "./passed_over.ts";

/** What of a folder can be restored. Names without a path, in the order of the numbers in them. */
export interface FolderListing {
  readonly videos: readonly string[];
  readonly pictures: readonly string[];
  /** Folders in it, neither hidden nor links. */
  readonly folders: readonly string[];
  /** What else is in it; folders are not counted. */
  readonly passedOver: PassedOver;
}

/** Options of {@linkcode listFolder}. */
export interface ListFolderOptions {
  /** Whether a link may be followed. @default {all that lead to a file} */
  readonly acceptsLink?: (path: string) => Promise<boolean>;
}

const RESULT_NAME = /\.deblurred(\.partial)?(\.[^.]+)?$/;

/**
 * Lists the videos and pictures of a folder, not of folders within: the same for every command. Results of earlier runs are
 * passed over, so that a folder can be restored again.
 *
 * @throws {MediaError} if the folder cannot be read.
 */
export async function listFolder(folder: string, options: ListFolderOptions = {}): Promise<FolderListing> {
  const { acceptsLink = leadsToFile } = options;
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new MediaError(folder, `Cannot read this folder: ${messageOf(cause)}`, { cause });
  });
  const passedOver = new PassedOver();
  const [videos, pictures, folders]: [string[], string[], string[]] = [[], [], []];
  const sort = async (entry: Dirent): Promise<void> => {
    const { name } = entry;
    if (name.startsWith(".")) return passedOver.add("hidden");
    if (RESULT_NAME.test(name)) return passedOver.add("result");
    if (entry.isDirectory()) return void folders.push(name);
    const path = join(folder, name);
    const kind = await kindInFolder(path);
    if (kind === undefined) return passedOver.add("other");
    if (kind === "viewed") return passedOver.add("readOnly");
    const isUsed = entry.isFile() || entry.isSymbolicLink() && await acceptsLink(path);
    if (!isUsed) return passedOver.add("link");
    (kind === "video" ? videos : pictures).push(name);
  };
  await Promise.all(entries.map(sort));
  const { compare } = new Intl.Collator("en", { numeric: true });
  for (const names of [videos, pictures, folders]) names.sort(compare);
  return { videos, pictures, folders, passedOver };
}

/** Whether a link leads to a file; one that leads nowhere is kept, so that the error of opening it names it. */
async function leadsToFile(link: string): Promise<boolean> {
  return await stat(link).then((found) => found.isFile(), () => true);
}
