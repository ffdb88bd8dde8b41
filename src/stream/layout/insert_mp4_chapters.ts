import { type FileHandle, open } from "node:fs/promises";
import type { Chapter } from "./chapter.ts";
import { fileParts, readBytes } from "./file_parts.ts";
import { readBox } from "./mp4_boxes.ts";

/** Nero's list counts chapters and the bytes of titles in one byte each. */
const MOST = 255;
/** Bytes that are moved at a time. */
const CHUNK = 2 ** 22;
/** Boxes on the way to the places of samples. */
const HOLDERS = new Set(["trak", "mdia", "minf", "stbl"]);

/**
 * Gives an MP4 or MOV file that FFmpeg has written its chapters, as Nero's list. What lies behind its `moov` moves back.
 *
 * @returns Whether there was room for all of them.
 */
export async function insertMp4Chapters(path: string, chapters: readonly Chapter[]): Promise<boolean> {
  if (chapters.length > MOST) return false;
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  for await (const part of fileParts(file, { from: 0, to: size }, readBox)) {
    if (part.id !== "moov" || part.end > size) continue;
    const old = new Uint8Array((await readBytes(file, part.head, part.end - part.head)).buffer);
    const grown = withList(old, neroList(chapters));
    const shift = grown.length - old.length;
    if (!shiftOffsets(grown, 8, grown.length, { from: part.end, by: shift })) return false;
    await moveBack(file, part.end, size, shift);
    await file.write(grown, 0, grown.length, part.head);
    return true;
  }
  return false;
}

/** `moov` with a list of chapters at the end of its `udta`, which comes last. */
function withList(moov: Uint8Array, list: Uint8Array): Uint8Array {
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  let last = 8;
  for (let at = 8; at + 8 <= moov.length; at += Math.max(8, view.getUint32(at))) last = at;
  const hasUserData = nameAt(moov, last) === "udta";
  const added = hasUserData ? list : box("udta", list);
  const grown = new Uint8Array(moov.length + added.length);
  grown.set(moov);
  grown.set(added, moov.length);
  const lengths = new DataView(grown.buffer);
  lengths.setUint32(0, grown.length);
  if (hasUserData) lengths.setUint32(last, grown.length - last);
  return grown;
}

/** Version 1, no flags, four bytes without a meaning, a number; and of each chapter its start in 100 ns and its title. */
function neroList(chapters: readonly Chapter[]): Uint8Array {
  const entries = chapters.flatMap(({ start, title }) => {
    const name = cutText(title);
    const entry = new Uint8Array(9 + name.length);
    new DataView(entry.buffer).setBigUint64(0, start / 100n);
    entry[8] = name.length;
    entry.set(name, 9);
    return [...entry];
  });
  return box("chpl", Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, chapters.length, ...entries]));
}

/** As many whole characters as fit. */
function cutText(text: string): Uint8Array {
  const bytes = new Uint8Array(MOST);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}

/** Adds to the places of all samples behind a place of the file; `false` if one does not fit any more. */
function shiftOffsets(
  moov: Uint8Array,
  begin: number,
  end: number,
  moved: { readonly from: number; readonly by: number },
): boolean {
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  for (let at = begin; at + 8 <= end;) {
    const next = at + Math.max(8, view.getUint32(at));
    const name = nameAt(moov, at);
    if (HOLDERS.has(name) && !shiftOffsets(moov, at + 8, next, moved)) return false;
    const bytes = name === "stco" ? 4 : name === "co64" ? 8 : 0;
    for (let entry = at + 16; bytes > 0 && entry + bytes <= next; entry += bytes) {
      const place = bytes === 4 ? view.getUint32(entry) : Number(view.getBigUint64(entry));
      const shifted = place >= moved.from ? place + moved.by : place;
      if (bytes === 8) view.setBigUint64(entry, BigInt(shifted));
      else if (shifted < 2 ** 32) view.setUint32(entry, shifted);
      else return false;
    }
    at = next;
  }
  return true;
}

/** Moves the end of a file back, from its last bytes on. */
async function moveBack(file: FileHandle, from: number, to: number, by: number): Promise<void> {
  for (let end = to; end > from;) {
    const begin = Math.max(from, end - CHUNK);
    const bytes = new Uint8Array((await readBytes(file, begin, end - begin)).buffer);
    await file.write(bytes, 0, bytes.length, begin + by);
    end = begin;
  }
}

function box(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + content.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(content, 8);
  return bytes;
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at + 4, at + 8));
}
