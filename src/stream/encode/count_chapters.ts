import { type FileHandle, open } from "node:fs/promises";
import type { FormatContext } from "node-av/lib";
import { AV_CODEC_ID_BIN_DATA, AVDISCARD_ALL } from "node-av/constants";
import { fileParts, findPart, readBytes, type Span } from "../layout/file_parts.ts";
import { readElement } from "../layout/matroska_elements.ts";
import { readBox } from "../layout/mp4_boxes.ts";

/**
 * Counts the chapters of an open MP4, MOV, Matroska or WebM file; those of other formats are not found. The binding gives no
 * access to FFmpeg's list of them, so lists of chapters are looked up in the file itself.
 */
export async function countChapters(container: FormatContext, path: string): Promise<number> {
  const name = container.iformat?.name ?? "";
  await using file = await open(path, "r");
  const whole = { from: 0, to: (await file.stat()).size };
  if (/matroska/.test(name)) return await countMatroska(file, whole);
  return /mp4/.test(name) ? Math.max(await countNero(file, whole), countQuickTime(container)) : 0;
}

/** QuickTime's chapters are the samples of a text track, which FFmpeg's demuxer reads as chapters instead of packets. */
function countQuickTime({ streams }: FormatContext): number {
  const tracks = streams.filter(({ codecpar, discard }) =>
    codecpar.codecId === AV_CODEC_ID_BIN_DATA && discard === AVDISCARD_ALL
  );
  return Math.max(0, ...tracks.map(({ nbFrames }) => Number(nbFrames)));
}

/** Nero's list of chapters in an MP4: a version, three flags, four bytes that only version 0 lacks, and their number. */
async function countNero(file: FileHandle, whole: Span): Promise<number> {
  const list = await findPart(file, whole, ["moov", "udta", "chpl"], readBox);
  if (list === undefined) return 0;
  const head = await readBytes(file, list.from, 9);
  return head.getUint8(head.getUint8(0) === 0 ? 4 : 8);
}

/** Matroska's chapters, of its first edition: further ones order the same chapters in another way. */
async function countMatroska(file: FileHandle, whole: Span): Promise<number> {
  const edition = await findPart(file, whole, [0x18538067, 0x1043a770, 0x45b9], readElement);
  let count = 0;
  if (edition) { for await (const { id } of fileParts(file, edition, readElement)) if (id === 0xb6) count++; }
  return count;
}
