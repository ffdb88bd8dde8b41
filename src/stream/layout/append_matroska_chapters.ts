import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { ChapterList } from "./chapter.ts";
import { fileParts, HEAD_BYTES, type Part, readBytes } from "./file_parts.ts";
import { element, elementsOf, matroskaChapters } from "./matroska_chapters.ts";
import { MATROSKA, readElement } from "./matroska_elements.ts";

/** An index entry, its two parts, and the checksum that may come first in an element. */
const [SEEK, SEEK_ID, SEEK_POSITION, CHECKSUM] = [0x4dbb, 0x53ab, 0x53ac, 0xbf];
/** Bytes of a segment's length that FFmpeg writes. */
const LENGTH_BYTES = 8;

/**
 * Gives a Matroska or WebM file that FFmpeg has written its chapters: at its end, and named in the index at its beginning, which has
 * room for more entries.
 *
 * @returns Whether there was room.
 */
export async function appendMatroskaChapters(
  path: string,
  { chapters, matroska }: ChapterList,
): Promise<boolean> {
  const added = matroska ?? matroskaChapters(chapters);
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  const [segment] = await firstOf(file, { from: 0, to: size }, [MATROSKA.segment]);
  if (segment?.end !== size || segment.from - segment.head < 4 + LENGTH_BYTES) return false;
  const [index, gap] = await firstOf(file, segment, [MATROSKA.seekHead, MATROSKA.void]);
  if (index === undefined || gap?.head !== index.end) return false;
  const room = gap.end - index.head;
  const old = new Uint8Array((await readBytes(file, index.from, index.end - index.from)).buffer);
  const grown = indexWith(old, BigInt(size - segment.from), room);
  if (grown === undefined) return false;
  await file.write(added, 0, added.length, size);
  await file.write(grown, 0, grown.length, index.head);
  const length = new DataView(new ArrayBuffer(LENGTH_BYTES));
  length.setBigUint64(0, BigInt(size + added.length - segment.from) | (1n << 56n));
  await file.write(new Uint8Array(length.buffer), 0, LENGTH_BYTES, segment.from - LENGTH_BYTES);
  return true;
}

/** The first parts of a row that are of these kinds, each the first after the one before. */
async function firstOf(
  file: FileHandle,
  span: { readonly from: number; readonly to: number },
  ids: readonly number[],
): Promise<Part<number>[]> {
  const found: Part<number>[] = [];
  for await (const part of fileParts(file, span, readElement)) {
    if (part.id === ids[found.length]) found.push(part);
    if (found.length === ids.length || part.id === MATROSKA.cluster) break;
  }
  return found;
}

/** An index with one more entry, filled up to so many bytes; nothing if they do not do. @param position of the chapters in the segment */
function indexWith(old: Uint8Array, position: bigint, room: number): Uint8Array | undefined {
  const entries = [...elementsOf(old)].filter(({ id }) => id === SEEK).map(({ content }) =>
    element(SEEK, [content])
  );
  const hadChecksum = [...elementsOf(old)].some(({ id }) => id === CHECKSUM);
  const place = new DataView(new ArrayBuffer(8));
  place.setBigUint64(0, position);
  entries.push(element(SEEK, [
    element(SEEK_ID, [Uint8Array.of(0x10, 0x43, 0xa7, 0x70)]),
    element(SEEK_POSITION, [new Uint8Array(place.buffer)]),
  ]));
  const content = hadChecksum ? [element(CHECKSUM, [checksumOf(entries)]), ...entries] : entries;
  // One byte cannot be filled: what fills has an id and a length.
  for (const lengthBytes of [1, 2]) {
    const index = element(MATROSKA.seekHead, content, lengthBytes);
    const left = room - index.length;
    if (left === 0) return index;
    if (left >= 2) return Uint8Array.from([...index, ...filler(left)]);
  }
  return undefined;
}

function filler(bytes: number): Uint8Array {
  const lengthBytes = bytes > HEAD_BYTES ? 4 : 1;
  return element(MATROSKA.void, [new Uint8Array(bytes - 1 - lengthBytes)], lengthBytes);
}

function checksumOf(content: readonly Uint8Array[]): Uint8Array {
  const sum = content.reduce((value, part) => crc32(part, value), 0);
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, sum, true);
  return new Uint8Array(bytes.buffer);
}
