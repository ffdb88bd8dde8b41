import { extname } from "node:path";

/** One file of the page. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** MIME type. */
  readonly type: string;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Reads the page into memory. Only what is in this map is served: no request reaches the disk.
 *
 * @param folder Of the page. @default `static/` of this project
 */
export async function pageFiles(
  folder: URL = new URL("../../../static/", import.meta.url),
): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const type = TYPES[extname(name)];
    if (isFile && type !== undefined) {
      files.set(name, { type, bytes: await Deno.readFile(new URL(name, folder)) });
    }
  }
  return files;
}
