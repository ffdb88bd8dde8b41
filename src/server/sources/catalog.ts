import { createHash } from "node:crypto";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { MediaError } from "../../errors.ts";
import { kindByName, kindInFolder } from "../../media_name.ts";
import type { SourceEntry } from "../protocol.ts";

const MAX_ENTRIES = 1000;
const MAX_DEPTH = 4;

/** The files that may be watched. A viewer names them by id; no path comes from the network. */
export interface Catalog {
  /** Absolute path of the folder served, with a separator at its end. */
  readonly folder: string;
  list(): Promise<readonly SourceEntry[]>;
  /**
   * Absolute path of a listed file, links resolved.
   *
   * @throws {MediaError} if there is no such file.
   */
  path(id: string): Promise<string>;
}

/**
 * Lists one file, or the videos and pictures of a folder, four levels deep. Links that lead out of the folder are
 * left out. The folder is read again for each listing, so that new files show.
 *
 * @throws {MediaError} if `path` does not exist.
 */
export async function openCatalog(path: string): Promise<Catalog> {
  let root: string;
  let isFile: boolean;
  try {
    root = await Deno.realPath(path);
    isFile = (await Deno.stat(root)).isFile;
  } catch (cause) {
    const what = "Cannot be opened. Give a video, a picture, a folder of them, or the address of a stream";
    throw new MediaError(path, what, { cause });
  }
  const find = async (): Promise<Map<string, Found>> => {
    const files = isFile ? [root] : await findFiles(root, root, MAX_DEPTH);
    const named = files.map((file): Found => ({
      file,
      name: isFile ? basename(root) : relative(root, file),
    }));
    return new Map(
      named.toSorted((a, b) => depthOf(a) - depthOf(b) || a.name.localeCompare(b.name)).map((
        found,
      ) => [idOf(found.name), found]),
    );
  };
  const folder = isFile ? dirname(root) : root;
  return {
    folder: folder.endsWith(sep) ? folder : folder + sep,
    list: async () => Array.from(await find(), ([id, { name }]) => ({ id, name: name.replaceAll(sep, "/") })),
    path: async (id) => {
      const found = (await find()).get(id);
      if (found === undefined) throw new MediaError(id, "There is no such source. Choose one from the list");
      return found.file;
    },
  };
}

interface Found {
  readonly file: string;
  readonly name: string;
}

/** Folders above a file: files of the folder itself are listed first. */
function depthOf({ name }: Found): number {
  return name.split(sep).length;
}

/** Real paths of the media files under `folder`, each of them inside `root`. */
async function findFiles(root: string, folder: string, depth: number): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".") || files.length >= MAX_ENTRIES) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory && depth > 1) files.push(...await findFiles(root, path, depth - 1));
    if (kindByName(entry.name) === undefined) continue;
    const isServed = entry.isFile || entry.isSymlink && await isInside(root, path);
    if (isServed && await kindInFolder(path) !== undefined) files.push(path);
  }
  return files.slice(0, MAX_ENTRIES);
}

/** Whether a link leads to a file inside `root`. */
async function isInside(root: string, link: string): Promise<boolean> {
  try {
    const target = await Deno.realPath(link);
    return resolve(target).startsWith(root.endsWith(sep) ? root : root + sep) &&
      (await Deno.stat(target)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop) return false;
    throw error;
  }
}

function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}
