import { createHash } from "node:crypto";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { MediaError } from "../../errors.ts";
import { listRestorable } from "../../list_restorable.ts";
import { PassedOver } from "../../passed_over.ts";
import type { SourceEntry } from "../protocol.ts";

const MAX_ENTRIES = 1000;
const MAX_DEPTH = 16;

/** The files that may be watched. A viewer names them by id; no path comes from the network. */
export interface Catalog {
  /** Absolute path of the folder served, with a separator at its end. */
  readonly folder: string;
  list(): Promise<readonly SourceEntry[]>;
  /** For the user: what of the folder is not listed, and why; empty if nothing. */
  passedOver(): Promise<string>;
  /**
   * Absolute path of a listed file, links resolved.
   *
   * @throws {MediaError} if there is no such file.
   */
  path(id: string): Promise<string>;
}

/** Options of {@linkcode openCatalog}. */
export interface CatalogOptions {
  /** List the files of folders in the folder too. @default {false} */
  readonly recursive?: boolean;
}

interface Listing {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly passedOver: PassedOver;
}

/**
 * Lists one file, or the videos and pictures of a folder, as `deno task deblur` does. Links that lead out of the folder are
 * left out. The folder is read again for each listing, so that new files show.
 *
 * @throws {MediaError} if `path` does not exist.
 */
export async function openCatalog(
  path: string,
  { recursive = false }: CatalogOptions = {},
): Promise<Catalog> {
  let root: string;
  let isFile: boolean;
  try {
    root = await Deno.realPath(path);
    isFile = (await Deno.stat(root)).isFile;
  } catch (cause) {
    const what = "Cannot be opened. Give a video, a picture, a folder of them, or the address of a stream";
    throw new MediaError(path, what, { cause });
  }
  const list = async (): Promise<Listing> => {
    if (isFile) return { files: [root], passedOver: new PassedOver() };
    const listing = await findFiles(root, root, recursive ? MAX_DEPTH : 1);
    listing.passedOver.add("tooMany", listing.files.length - MAX_ENTRIES);
    return { ...listing, files: listing.files.slice(0, MAX_ENTRIES) };
  };
  const find = async () => {
    const { files } = await list();
    const nameOf = (file: string) => isFile ? basename(root) : relative(root, file);
    return new Map(files.map((file) => [idOf(nameOf(file)), { file, name: nameOf(file) }]));
  };
  const folder = isFile ? dirname(root) : root;
  return {
    folder: folder.endsWith(sep) ? folder : folder + sep,
    list: async () => Array.from(await find(), ([id, { name }]) => ({ id, name: name.replaceAll(sep, "/") })),
    passedOver: async () => (await list()).passedOver.describe(),
    path: async (id) => {
      const found = (await find()).get(id);
      if (found === undefined) throw new MediaError(id, "There is no such source. Choose one from the list");
      return found.file;
    },
  };
}

/** The media files under `folder`, each of them inside `root`, its own before those of folders in it. */
async function findFiles(root: string, folder: string, depth: number): Promise<Listing> {
  const acceptsLink = (path: string) => isInside(root, path);
  const { videos, pictures, folders, passedOver } = await listRestorable(folder, { acceptsLink });
  const files = [...videos, ...pictures].map((name) => join(folder, name));
  if (depth === 1) {
    passedOver.add(folder === root ? "folder" : "deep", folders.length);
    return { files, passedOver };
  }
  for (const name of folders) {
    const inner = await findFiles(root, join(folder, name), depth - 1);
    files.push(...inner.files);
    passedOver.include(inner.passedOver);
  }
  return { files, passedOver };
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
