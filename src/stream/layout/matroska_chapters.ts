import type { FileHandle } from "node:fs/promises";
import type { Chapter, ChapterList } from "./chapter.ts";
import { fileParts, findPart, HEAD_BYTES, readBytes, type Span } from "./file_parts.ts";
import { MATROSKA, readElement } from "./matroska_elements.ts";

/** Elements of a list of chapters. */
const IDS = {
  edition: 0x45b9,
  atom: 0xb6,
  uid: 0x73c4,
  start: 0x91,
  end: 0x92,
  display: 0x80,
  title: 0x85,
  language: 0x437c,
} as const;

/** A list that is longer is none. */
const MOST_BYTES = 2 ** 24;

/** The chapters of a Matroska file: those of its first edition, and all that it says of them. */
export async function readMatroskaChapters(file: FileHandle, whole: Span): Promise<ChapterList> {
  const segment = await findPart(file, whole, [MATROSKA.segment], readElement);
  if (segment === undefined) return { chapters: [] };
  for await (const part of fileParts(file, segment, readElement)) {
    if (part.id !== MATROSKA.chapters || part.to - part.head > MOST_BYTES) continue;
    const view = await readBytes(file, part.head, part.to - part.head);
    const content = new Uint8Array(view.buffer).subarray(part.from - part.head);
    const [edition] = [...elementsOf(content)].filter(({ id }) => id === IDS.edition);
    const atoms = edition ? [...elementsOf(edition.content)].filter(({ id }) => id === IDS.atom) : [];
    return {
      chapters: atoms.map(({ content }) => chapterOf(content)),
      matroska: Uint8Array.from(new Uint8Array(view.buffer)),
    };
  }
  return { chapters: [] };
}

/** A list of chapters as an element of a Matroska file. */
export function matroskaChapters(chapters: readonly Chapter[]): Uint8Array<ArrayBuffer> {
  const atoms = chapters.map(({ start, end, title, language = "und" }, i) =>
    element(IDS.atom, [
      element(IDS.uid, [unsigned(BigInt(i + 1))]),
      element(IDS.start, [unsigned(start)]),
      ...(end === undefined ? [] : [element(IDS.end, [unsigned(end)])]),
      element(IDS.display, [
        element(IDS.title, [new TextEncoder().encode(title)]),
        element(IDS.language, [new TextEncoder().encode(language)]),
      ]),
    ])
  );
  return element(MATROSKA.chapters, [element(IDS.edition, atoms)]);
}

function chapterOf(atom: Uint8Array): Chapter {
  const parts = [...elementsOf(atom)];
  const numberOf = (wanted: number) => {
    const found = parts.find(({ id }) => id === wanted)?.content;
    return found && found.reduce((value, byte) => 256n * value + BigInt(byte), 0n);
  };
  const display = parts.find(({ id }) => id === IDS.display);
  const shown = display ? [...elementsOf(display.content)] : [];
  const textOf = (wanted: number) => {
    const found = shown.find(({ id }) => id === wanted)?.content;
    return found && new TextDecoder().decode(found).replace(/\0+$/, "");
  };
  const end = numberOf(IDS.end);
  return {
    start: numberOf(IDS.start) ?? 0n,
    ...(end !== undefined && { end }),
    title: textOf(IDS.title) ?? "",
    language: textOf(IDS.language) ?? "eng",
  };
}

/** The elements that lie in a row in some bytes, up to where there is none any more. */
export function* elementsOf(bytes: Uint8Array): Iterable<{ id: number; content: Uint8Array; at: number }> {
  const padded = new Uint8Array(bytes.length + HEAD_BYTES);
  padded.set(bytes);
  for (let at = 0; at < bytes.length;) {
    const { id, head, content } = readElement(new DataView(padded.buffer, at));
    const end = at + head + content;
    if (!(head > 0 && end <= bytes.length)) return;
    yield { id, content: bytes.subarray(at + head, end), at };
    at = end;
  }
}

/** An element: its id, a length of eight bytes or fewer, its content. */
export function element(
  id: number,
  content: readonly Uint8Array[],
  lengthBytes = 0,
): Uint8Array<ArrayBuffer> {
  const idBytes = unsigned(BigInt(id));
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const needed = [1, 2, 3, 4, 5, 6, 7, 8].find((bytes) => length < 2 ** (7 * bytes) - 1) ?? 8;
  const lengthLength = Math.max(lengthBytes, needed);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length) | (1n << BigInt(7 * lengthLength)));
  return Uint8Array.from([
    ...idBytes,
    ...size.subarray(8 - lengthLength),
    ...content.flatMap((part) => [...part]),
  ]);
}

function unsigned(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first < 0 ? 7 : first);
}
