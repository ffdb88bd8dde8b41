import type { FileHandle } from "node:fs/promises";
import { readBytes, type Span } from "./file_parts.ts";

/** Longest line of a header that is read, bytes. */
const LINE_BYTES = 256;

/** Pixels side by side, and one above the other, that share a sample of chroma. */
const CHROMA: Readonly<Record<string, readonly [across: number, down: number]>> = {
  "420": [2, 2],
  "422": [2, 1],
  "444": [1, 1],
  "411": [4, 1],
};

/**
 * How many bytes of the last frame of a y4m file are missing: each is a line and so many bytes as the first line of the file tells. A file
 * that ends between two frames shows nothing.
 */
export async function missingOfY4m(file: FileHandle, { to }: Span): Promise<number> {
  const first = await lineAt(file, 0);
  const bytes = first?.startsWith("YUV4MPEG2 ") ? frameBytes(first) : undefined;
  if (first === undefined || bytes === undefined) return 0;
  const begin = first.length + 1;
  // As good as every writer puts nothing but the name there.
  if ((to - begin) % ("FRAME\n".length + bytes) === 0) return 0;
  let at = begin;
  while (at < to) {
    const line = await lineAt(file, at);
    if (line === undefined || !line.startsWith("FRAME")) {
      return to - at < LINE_BYTES ? Math.max(1, bytes - (to - at)) : 0;
    }
    at += line.length + 1 + bytes;
  }
  return at - to;
}

/** Bytes of the samples of a frame; `undefined` for a layout that is not known. */
function frameBytes(header: string): number | undefined {
  const parameter = (name: string) => new RegExp(` ${name}(\\S+)`).exec(header)?.[1];
  const [width, height] = [Number(parameter("W")), Number(parameter("H"))];
  const [, layout = "", alpha, depth] = /^(\d{3}|mono)(alpha)?p?(\d+)?/.exec(parameter("C") ?? "420") ?? [];
  const chroma = CHROMA[layout];
  if (!(width > 0 && height > 0) || chroma === undefined && layout !== "mono") return undefined;
  const [across, down] = chroma ?? [1, 1];
  const shared = chroma === undefined ? 0 : 2 * Math.ceil(width / across) * Math.ceil(height / down);
  const samples = width * height * (alpha ? 2 : 1) + shared;
  return samples * (Number(depth ?? 8) > 8 ? 2 : 1);
}

/** A line without its end; `undefined` if it has none. */
async function lineAt(file: FileHandle, at: number): Promise<string | undefined> {
  const text = String.fromCharCode(...new Uint8Array((await readBytes(file, at, LINE_BYTES)).buffer));
  const end = text.indexOf("\n");
  return end < 0 ? undefined : text.slice(0, end);
}
