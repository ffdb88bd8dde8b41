import { open } from "node:fs/promises";

/** What the file of an animated picture says beside its frames. */
export interface AnimationFacts {
  /** How often it plays; 0 for without end. */
  readonly plays: number;
  /** Whether nothing of its pictures was lost when it was written; only WebP says so. */
  readonly isLossless: boolean;
}

/** What is read of a file: all of this comes before the pictures, or with the first. */
const HEAD_BYTES = 1 << 20;

/** Reads what a GIF, PNG or WebP file says of its animation; `undefined` for any other file, and for one that is damaged there. */
export async function readAnimation(path: string): Promise<AnimationFacts | undefined> {
  await using file = await open(path, "r");
  const head = new Uint8Array(HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return parseAnimation(head.subarray(0, bytesRead));
}

/** The same of the first bytes of a file. */
export function parseAnimation(bytes: Uint8Array): AnimationFacts | undefined {
  const head = new Head(bytes);
  if (/^GIF8[79]a$/.test(head.text(0, 6))) return { plays: playsOfGif(head), isLossless: false };
  if (head.text(0, 8) === "\x89PNG\r\n\x1a\n") return factsOfPng(head);
  if (head.text(0, 4) === "RIFF" && head.text(8, 4) === "WEBP") return factsOfWebp(head);
  return undefined;
}

/** Bytes, of which those beyond the end are 0. */
class Head {
  readonly length: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    [this.#bytes, this.length] = [bytes, bytes.length];
  }

  byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.#bytes.subarray(at, at + length));
  }

  little(at: number, length: number): number {
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + this.byte(at + i);
    return value;
  }

  big(at: number): number {
    return ((this.byte(at) * 256 + this.byte(at + 1)) * 256 + this.byte(at + 2)) * 256 + this.byte(at + 3);
  }
}

/** A GIF plays once, unless an extension says how often it is repeated, which does not count the first time. */
function playsOfGif(head: Head): number {
  const paletteBytes = (flags: number) => (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
  let at = 13 + paletteBytes(head.byte(10));
  while (at < head.length && head.byte(at) === 0x21) {
    const isLoop = head.byte(at + 1) === 0xff &&
      /^(?:NETSCAPE2\.0|ANIMEXTS1\.0)$/.test(head.text(at + 3, 11));
    if (isLoop && head.byte(at + 14) === 3 && head.byte(at + 15) === 1) {
      const repeats = head.little(at + 16, 2);
      return repeats === 0 ? 0 : repeats + 1;
    }
    at += 2;
    while (at < head.length && head.byte(at) !== 0) at += head.byte(at) + 1;
    at++;
  }
  return 1;
}

function factsOfPng(head: Head): AnimationFacts | undefined {
  for (let at = 8; at + 8 <= head.length; at += 12 + head.big(at)) {
    const name = head.text(at + 4, 4);
    if (name === "acTL") return { plays: head.big(at + 12), isLossless: true };
    if (name === "IDAT") return undefined; // one picture that stands still
  }
  return undefined;
}

function factsOfWebp(head: Head): AnimationFacts | undefined {
  let plays: number | undefined;
  for (let at = 12; at + 8 <= head.length;) {
    const [name, length] = [head.text(at, 4), head.little(at + 4, 4)];
    if (name === "ANIM") plays = head.little(at + 12, 2);
    if (name === "ANMF") {
      // The opacity of a lossy frame comes before its picture.
      const inner = head.text(at + 24, 4);
      return { plays: plays ?? 1, isLossless: inner === "VP8L" };
    }
    at += 8 + length + length % 2;
  }
  return plays === undefined ? undefined : { plays, isLossless: false };
}
