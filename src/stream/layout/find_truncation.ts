import { type FileHandle, open } from "node:fs/promises";
import { fileParts, fourLetters, HEAD_BYTES, readBytes, type Span } from "./file_parts.ts";
import { MATROSKA, readElement } from "./matroska_elements.ts";
import { readBox } from "./mp4_boxes.ts";
import { endOfTransportStream } from "./transport_packets.ts";
import { missingOfY4m } from "./y4m_frames.ts";

/** How much is missing: so many bytes, or the part that is named; nothing if 0 or `undefined`. */
type Missing = number | string | undefined;

/** What a file of each format, by the name of FFmpeg's demuxer, shows to be missing. */
const FINDERS: readonly (readonly [RegExp, (file: FileHandle, whole: Span) => Promise<Missing>])[] = [
  [/matroska/, missingOfMatroska],
  [/mp4/, missingOfMp4],
  [/^avi$/, missingOfRiff],
  [/^asf$/, missingOfAsf],
  [/^flv$/, missingOfFlv],
  [/^ogg$/, missingOfOgg],
  [/^yuv4mpegpipe$/, missingOfY4m],
];

/**
 * What is missing at the end of a file, in one line, as far as its own lengths show it: demuxers of some formats read up to
 * where it ends and call that the end.
 *
 * @param format name of FFmpeg's demuxer
 * @param streamIds FFmpeg's ids of its streams
 */
export async function findTruncation(
  path: string,
  format: string,
  streamIds: readonly number[],
): Promise<string | undefined> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  if (format === "mpegts") {
    const end = await endOfTransportStream(file, size, streamIds);
    return end && `The file is truncated: it ends ${end}`;
  }
  const [, find] = FINDERS.find(([pattern]) => pattern.test(format)) ?? [];
  const missing = await find?.(file, { from: 0, to: size });
  if (typeof missing === "string") return `The file is truncated: ${missing}`;
  return missing ? `The file is truncated: its last ${missing} bytes are missing` : undefined;
}

/** A segment says how long it is; where it was written to a pipe its clusters do, or the blocks in them. */
async function missingOfMatroska(file: FileHandle, whole: Span): Promise<number> {
  for await (const part of fileParts(file, whole, readElement)) {
    if (part.id !== MATROSKA.segment) continue;
    return part.end === Infinity ? await missingOfLast(file, part) : Math.max(0, part.end - whole.to);
  }
  return 0;
}

/** Elements that are read, in a file that was written to a pipe, before it is taken for whole. */
const MOST_ELEMENTS = 100_000;

/** An element of unknown length, a cluster, ends where the next one begins: what is in it is read as if it lay beside it. */
async function missingOfLast(file: FileHandle, { from, to }: Span): Promise<number> {
  let at = from;
  for (let read = 0; at < to && read < MOST_ELEMENTS; read++) {
    const { head, content } = readElement(await readBytes(file, at, HEAD_BYTES));
    if (head === 0) return 0;
    at += content === Infinity ? head : head + content;
  }
  return Math.max(0, at - to);
}

/** Boxes at the top level. What else is there, such as what cameras append, need not be one. */
const TOP_BOXES = /^(?:ftyp|styp|moov|moof|mdat|free|skip|wide|sidx|mfra|meta|uuid|udta|pnot)$/;

async function missingOfMp4(file: FileHandle, whole: Span): Promise<number> {
  for await (const { id, end } of fileParts(file, whole, readBox)) {
    if (!TOP_BOXES.test(id)) return 0;
    if (end !== Infinity && end > whole.to) return end - whole.to;
  }
  return 0;
}

/** A name, and a length in the other byte order; an odd one is filled up. */
function readChunk(view: DataView) {
  const length = view.getUint32(4, true);
  return { id: fourLetters(view, 0), head: 8, content: length + length % 2 };
}

/** A recorder that was cut off has written no length yet: 0. */
async function missingOfRiff(file: FileHandle, whole: Span): Promise<number> {
  for await (const { id, from, end } of fileParts(file, whole, readChunk)) {
    if (id !== "RIFF") return 0;
    // The length of a last chunk that is odd is not filled up by every program.
    if (end > from && end - 1 > whole.to) return end - whole.to;
  }
  return 0;
}

const ASF_FILE_PROPERTIES = "a1dcab8c47a9cf118ee400c00c205365";

/** The size of the whole file is in its header. Written to a pipe, it is 0. */
async function missingOfAsf(file: FileHandle, { to }: Span): Promise<number> {
  const head = await readBytes(file, 0, Math.min(to, 8192));
  const hex = Array.from(new Uint8Array(head.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const at = hex.indexOf(ASF_FILE_PROPERTIES) / 2;
  if (!Number.isInteger(at) || at < 0 || at + 48 > head.byteLength) return 0;
  return Math.max(0, Number(head.getBigUint64(at + 40, true)) - to);
}

/** Each tag is followed by its length. */
async function missingOfFlv(file: FileHandle, { to }: Span): Promise<Missing> {
  const last = (await readBytes(file, to - 4, 4)).getUint32(0);
  const start = to - 4 - last;
  const isTag = last >= 11 && start >= 9 &&
    ((await readBytes(file, start, 4)).getUint32(0) & 0xffffff) === last - 11;
  return isTag ? undefined : "it ends in the middle of a tag";
}

/** Longest page of Ogg. */
const PAGE_BYTES = 65_307;

/** The last page says how long each of its parts is, and that its stream ends with it. */
async function missingOfOgg(file: FileHandle, { to }: Span): Promise<Missing> {
  const from = Math.max(0, to - PAGE_BYTES);
  const tail = await readBytes(file, from, to - from);
  for (let at = tail.byteLength - 27; at >= 0; at--) {
    if (fourLetters(tail, at) !== "OggS") continue;
    const parts = tail.getUint8(at + 26);
    let end = at + 27 + parts;
    for (let i = 0; i < parts && at + 27 + i < tail.byteLength; i++) end += tail.getUint8(at + 27 + i);
    if (end > tail.byteLength) return end - tail.byteLength;
    const isLast = (tail.getUint8(at + 5) & 4) !== 0;
    return isLast ? undefined : "its last page is missing";
  }
  return "it ends in the middle of a page";
}
