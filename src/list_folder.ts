import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, MediaError, messageOf } from "./errors.ts";

/** Something in a folder. */
export interface FolderEntry {
  /** Name in the folder. */
  readonly name: string;
  /** The folder's path and the name. */
  readonly path: string;
  /** What it is, or what it links to: "broken" is a link to nothing, "other" a device, a pipe or a socket. */
  readonly kind: "file" | "folder" | "broken" | "other";
  /** Whether it is a link. */
  readonly isLink: boolean;
}

/** Options of {@linkcode listFolder}. */
export interface ListFolderOptions {
  /** List what is hidden too. @default {false} */
  readonly hidden?: boolean;
}

/**
 * What is in a folder (not in folders within), by name.
 *
 * @throws {MediaError} if the folder cannot be read.
 */
export async function listFolder(
  folder: string,
  { hidden = false }: ListFolderOptions = {},
): Promise<FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new MediaError(folder, whyUnreadable(cause), { cause });
  });
  const listed: FolderEntry[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (!hidden && name.startsWith(".")) continue;
    const path = join(folder, name);
    listed.push({ name, path, kind: await kindOf(entry, path), isLink: entry.isSymbolicLink() });
  }
  return listed.sort((a, b) => a.name < b.name ? -1 : 1);
}

function whyUnreadable(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "ENOENT") return "There is no such folder. Check the name";
  if (code === "ENOTDIR") return "This is not a folder. Name one";
  return `The folder cannot be read: ${messageOf(cause)}. Check its permissions`;
}

async function kindOf(entry: Dirent, path: string): Promise<FolderEntry["kind"]> {
  const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
  if (found === undefined) return "broken";
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : "other";
}
