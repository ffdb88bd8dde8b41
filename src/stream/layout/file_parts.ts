import type { FileHandle } from "node:fs/promises";

/** Bytes of a file, from the first to the one after the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of a file that says what it is and how long it is: a box of an MP4 file, an element of a Matroska file. */
export interface Part<Id> extends Span {
  readonly id: Id;
  /** First byte of its head; `from` is that of its content. */
  readonly head: number;
  /** Where its content should end, by its own length: `to`, unless what holds it ends before. `Infinity` if it does not say. */
  readonly end: number;
}

/** Reads the head of a part: what it is, and the lengths of the head and of the content; a head of 0 bytes is none. */
export type ReadHead<Id> = (
  head: DataView,
) => { readonly id: Id; readonly head: number; readonly content: number };

/** Longest head of a part, bytes. */
export const HEAD_BYTES = 16;

/** The parts that lie in a row between two places of a file. It ends where there is no part of this format: there the file is damaged. */
export async function* fileParts<Id>(
  file: FileHandle,
  { from, to }: Span,
  readHead: ReadHead<Id>,
): AsyncGenerator<Part<Id>> {
  for (let at = from; at < to;) {
    const { id, head, content } = readHead(await readBytes(file, at, HEAD_BYTES));
    if (!(head > 0 && content >= 0)) return;
    const end = at + head + content;
    yield { id, head: at, from: at + head, to: Math.min(to, end), end };
    at = end;
  }
}

/** The first part that the names lead to, one inside the other. */
export async function findPart<Id>(
  file: FileHandle,
  within: Span,
  [name, ...names]: readonly Id[],
  readHead: ReadHead<Id>,
): Promise<Span | undefined> {
  if (name === undefined) return within;
  for await (const part of fileParts(file, within, readHead)) {
    const found = part.id === name ? await findPart(file, part, names, readHead) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Bytes of a file; zeros before its beginning and beyond its end, where lengths of a damaged one may lead. */
export async function readBytes(file: FileHandle, at: number, length: number): Promise<DataView> {
  const bytes = new Uint8Array(length);
  if (at >= 0 && Number.isSafeInteger(at)) await file.read(bytes, 0, length, at);
  return new DataView(bytes.buffer);
}

/** Four bytes as text, such as the name of a box. */
export function fourLetters(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
