import { fourLetters } from "./file_parts.ts";

/** A length of 4 bytes and a name; a length of 1 stands for 8 more bytes of it, one of 0 for the rest of the file. */
export function readBox(view: DataView) {
  const length = view.getUint32(0);
  const id = fourLetters(view, 4);
  const head = length === 1 ? 16 : 8;
  const content = length === 0 ? Infinity : length === 1 ? Number(view.getBigUint64(8)) - 16 : length - 8;
  return { id, head, content };
}
