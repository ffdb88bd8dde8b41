import { open } from "node:fs/promises";
import { type FormatContext, type OutputFormat, type Stream } from "node-av/lib";
import { AV_CODEC_ID_BIN_DATA, AVDISCARD_ALL } from "node-av/constants";
import { isMp4Family } from "./container_format.ts";
import { appendMatroskaChapters } from "../layout/append_matroska_chapters.ts";
import type { ChapterList } from "../layout/chapter.ts";
import { insertMp4Chapters } from "../layout/insert_mp4_chapters.ts";
import { readMatroskaChapters } from "../layout/matroska_chapters.ts";
import { readMp4Chapters } from "../layout/mp4_chapters.ts";

/**
 * The chapters of an open MP4, MOV, Matroska or WebM file; those of other formats are not found. The binding gives no
 * access to FFmpeg's list of them, so they are read from the file itself.
 */
export async function readChapters(container: FormatContext, path: string): Promise<ChapterList> {
  const name = container.iformat?.name ?? "";
  const read = /matroska/.test(name) ? readMatroskaChapters : /mp4/.test(name) ? readMp4Chapters : undefined;
  if (read === undefined) return { chapters: [] };
  await using file = await open(path, "r");
  return await read(file, { from: 0, to: (await file.stat()).size });
}

/** Whether a stream holds chapters of QuickTime, which FFmpeg's demuxer reads itself instead of giving packets. */
export function isChapterTrack({ codecpar, discard }: Stream): boolean {
  return codecpar.codecId === AV_CODEC_ID_BIN_DATA && discard === AVDISCARD_ALL;
}

/**
 * Writes chapters into a file that is complete and closed.
 *
 * @returns Whether the file holds them.
 */
export async function writeChapters(path: string, format: OutputFormat, list: ChapterList): Promise<boolean> {
  const name = format.name ?? "";
  if (/^(?:matroska|webm)$/.test(name)) return await appendMatroskaChapters(path, list);
  if (isMp4Family(name)) return await insertMp4Chapters(path, list.chapters);
  return false;
}
