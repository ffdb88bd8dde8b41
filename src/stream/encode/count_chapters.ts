import { type FileHandle, open } from "node:fs/promises";
import type { FormatContext } from "node-av/lib";
import { AV_CODEC_ID_BIN_DATA, AVDISCARD_ALL } from "node-av/constants";

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
  const list = await find(file, whole, ["moov", "udta", "chpl"], readBox);
  if (list === undefined) return 0;
  const head = await read(file, list.from, 9);
  return head.getUint8(head.getUint8(0) === 0 ? 4 : 8);
}

/** Matroska's chapters, of its first edition: further ones order the same chapters in another way. */
async function countMatroska(file: FileHandle, whole: Span): Promise<number> {
  const edition = await find(file, whole, [0x18538067, 0x1043a770, 0x45b9], readElement);
  let count = 0;
  if (edition) { for await (const { id } of parts(file, edition, readElement)) if (id === 0xb6) count++; }
  return count;
}

/** Bytes of a file, from the first to the one after the last. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A box of an MP4 file, or an element of a Matroska file: its content, and what it is. */
interface Part<Id> extends Span {
  readonly id: Id;
}

/** Reads the head of a part: what it is, and the lengths of the head and of the content. */
type ReadHead<Id> = (head: DataView) => { readonly id: Id; readonly head: number; readonly content: number };

/** The first part that the names lead to, one inside the other. */
async function find<Id>(
  file: FileHandle,
  within: Span,
  [name, ...names]: readonly Id[],
  readHead: ReadHead<Id>,
): Promise<Span | undefined> {
  if (name === undefined) return within;
  for await (const part of parts(file, within, readHead)) {
    const found = part.id === name ? await find(file, part, names, readHead) : undefined;
    if (found) return found;
  }
  return undefined;
}

async function* parts<Id>(
  file: FileHandle,
  { from, to }: Span,
  readHead: ReadHead<Id>,
): AsyncGenerator<Part<Id>> {
  for (let at = from; at < to;) {
    const { id, head, content } = readHead(await read(file, at, 16));
    const end = Math.min(to, at + head + content);
    if (!(head > 0 && content >= 0)) return; // no part of this format: the file is damaged
    yield { id, from: at + head, to: end };
    at = end;
  }
}

/** A length of 4 bytes and a name; a length of 1 stands for 8 more bytes of it, one of 0 for the rest of the file. */
function readBox(view: DataView) {
  const length = view.getUint32(0);
  const id = String.fromCharCode(...[4, 5, 6, 7].map((at) => view.getUint8(at)));
  const head = length === 1 ? 16 : 8;
  const content = length === 0 ? Infinity : length === 1 ? Number(view.getBigUint64(8)) - 16 : length - 8;
  return { id, head, content };
}

/** Two numbers, an id and a length, each of as many bytes as it has leading zeros and one; a length of ones is not known. */
function readElement(view: DataView) {
  const idBytes = Math.clz32(view.getUint8(0)) - 23;
  if (idBytes > 4) return { id: 0, head: 0, content: 0 };
  let id = 0;
  for (let i = 0; i < idBytes; i++) id = id * 256 + view.getUint8(i);
  const bytes = Math.clz32(view.getUint8(idBytes)) - 23;
  let length = view.getUint8(idBytes) & (0xff >> bytes);
  for (let i = 1; i < bytes; i++) length = length * 256 + view.getUint8(idBytes + i);
  const isUnknown = length === 2 ** (7 * bytes) - 1;
  return { id, head: idBytes + bytes, content: isUnknown ? Infinity : length };
}

/** Bytes of a file; zeros beyond its end. */
async function read(file: FileHandle, at: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, at);
  return new DataView(bytes.buffer);
}
