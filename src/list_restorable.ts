import { listFolder } from "./list_folder.ts";
import { kindInFolder } from "./media_name.ts";
import { PassedOver } from "./passed_over.ts";

/** What of a folder can be restored. Names without a path, in the order of the numbers in them. */
export interface RestorableFiles {
  readonly videos: readonly string[];
  readonly pictures: readonly string[];
  /** Folders in it, neither hidden nor links. */
  readonly folders: readonly string[];
  /** What else is in it; folders are not counted. */
  readonly passedOver: PassedOver;
}

/** Options of {@linkcode listRestorable}. */
export interface ListRestorableOptions {
  /** Whether a link may be followed. @default {all but those to folders and devices} */
  readonly acceptsLink?: (path: string) => Promise<boolean>;
}

const RESULT_NAME = /\.deblurred(\.partial|\.failed-check(-\d+)?)?(\.[^.]+)?$/;

/**
 * Lists the videos and pictures of a folder, not of folders within: the same for every command. Results of earlier runs are
 * passed over, so that a folder can be restored again. A link to nothing is listed, so that the error of opening it names it.
 *
 * @throws {MediaError} if the folder cannot be read.
 */
export async function listRestorable(
  folder: string,
  { acceptsLink = () => Promise.resolve(true) }: ListRestorableOptions = {},
): Promise<RestorableFiles> {
  const passedOver = new PassedOver();
  const [videos, pictures, folders]: [string[], string[], string[]] = [[], [], []];
  for (const { name, path, kind: what, isLink } of await listFolder(folder, { hidden: true })) {
    const isFile = what === "file" || what === "broken";
    const kind = isFile ? await kindInFolder(path) : undefined;
    if (name.startsWith(".")) passedOver.add("hidden");
    else if (RESULT_NAME.test(name)) passedOver.add("result");
    else if (what === "folder" && !isLink) folders.push(name);
    else if (isLink && (!isFile || !await acceptsLink(path))) passedOver.add("link");
    else if (kind === undefined) passedOver.add("other");
    else (kind === "video" || kind === "animation" ? videos : pictures).push(name);
  }
  const { compare } = new Intl.Collator("en", { numeric: true });
  for (const names of [videos, pictures, folders]) names.sort(compare);
  return { videos, pictures, folders, passedOver };
}
