import type { FileHandle } from "node:fs/promises";
import type { Chapter, ChapterList } from "./chapter.ts";
import { findPart, HEAD_BYTES, readBytes, type Span } from "./file_parts.ts";
import { readBox } from "./mp4_boxes.ts";
import { findSamples } from "./mp4_samples.ts";

/** A `moov` that is larger is none, nor is a title. */
const [MOST_BYTES, MOST_TITLE_BYTES] = [2 ** 28, 2 ** 12];
/** Boxes of a track that hold other boxes. */
const INNER = ["mdia", "minf", "stbl"] as const;

/** The chapters of an MP4 or MOV file: Nero's list, or the samples of a text track that the video names. */
export async function readMp4Chapters(file: FileHandle, whole: Span): Promise<ChapterList> {
  const moov = await findPart(file, whole, ["moov"], readBox);
  if (moov === undefined || moov.to - moov.from > MOST_BYTES) return { chapters: [] };
  const bytes = new Uint8Array((await readBytes(file, moov.from, moov.to - moov.from)).buffer);
  const boxes = boxesOf(bytes);
  const list = inside(boxes, "udta", "chpl");
  const chapters = list ? neroChapters(list) : [];
  return { chapters: chapters.length > 0 ? chapters : await trackChapters(file, boxes) };
}

/** A version, three flags, four bytes that only version 0 lacks, a number; and of each chapter its start in 100 ns and its title. */
function neroChapters(list: Uint8Array): Chapter[] {
  const chapters: Chapter[] = [];
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  let at = list[0] === 0 ? 4 : 8;
  for (let left = list[at++] ?? 0; left > 0 && at + 9 <= list.length; left--) {
    const length = list[at + 8] ?? 0;
    chapters.push({
      start: 100n * view.getBigUint64(at),
      title: textOf(list.subarray(at + 9, at + 9 + length)),
    });
    at += 9 + length;
  }
  return chapters;
}

/** QuickTime's chapters: each sample of a track is a title, two bytes of length before it. */
async function trackChapters(file: FileHandle, boxes: readonly Box[]): Promise<Chapter[]> {
  const tracks = boxes.filter(({ name }) => name === "trak").map(({ content }) => boxesOf(content));
  const named = tracks.map((track) => inside(track, "tref", "chap")).find((reference) =>
    reference !== undefined
  );
  if (named === undefined || named.length < 4) return [];
  const track = tracks.find((boxes) => trackId(boxes) === uint32(named, 0));
  if (track === undefined) return [];
  const header = inside(track, "mdia", "mdhd");
  const samples = findSamples((name) => inside(track, ...INNER, name));
  const timescale = header ? BigInt(uint32(header, header[0] === 1 ? 20 : 12)) : 0n;
  if (timescale === 0n) return [];
  const time = (units: bigint) => units * 1_000_000_000n / timescale;
  return await Promise.all(samples.map(async ({ at, size, start, duration }) => {
    const sample = await readBytes(file, at, Math.min(size, MOST_TITLE_BYTES));
    const length = size >= 2 ? sample.getUint16(0) : 0;
    const title = textOf(new Uint8Array(sample.buffer).subarray(2, 2 + length));
    return { start: time(start), end: time(start + duration), title };
  }));
}

function trackId(track: readonly Box[]): number {
  const header = inside(track, "tkhd");
  return header ? uint32(header, header[0] === 1 ? 20 : 12) : 0;
}

/** A box of some bytes. */
interface Box {
  readonly name: string;
  readonly content: Uint8Array;
}

function boxesOf(bytes: Uint8Array): Box[] {
  const padded = new Uint8Array(bytes.length + HEAD_BYTES);
  padded.set(bytes);
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const { id, head, content } = readBox(new DataView(padded.buffer, at));
    const end = Math.min(bytes.length, at + head + content);
    if (!(content >= 0)) break;
    boxes.push({ name: id, content: bytes.subarray(at + head, end) });
    at = end;
  }
  return boxes;
}

/** What lies in the box that the names lead to, one inside the other. */
function inside(boxes: readonly Box[], ...[name, ...names]: readonly string[]): Uint8Array | undefined {
  const content = boxes.find((box) => box.name === name)?.content;
  return content === undefined || names.length === 0 ? content : inside(boxesOf(content), ...names);
}

function uint32(bytes: Uint8Array, at: number): number {
  return at + 4 <= bytes.length ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(at) : 0;
}

/** UTF-8, or UTF-16 behind a mark that says so. */
function textOf(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(isWide ? "utf-16be" : "utf-8").decode(bytes).replace(/\0+$/, "");
}
