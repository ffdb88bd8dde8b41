/** Styles of QuickTime's text that SubRip has too, by their bits, from the outermost tag to the innermost. */
const TAGS = [[1, "b"], [2, "i"], [4, "u"]] as const;

/** A part of a text, in characters, and how it looks. */
interface StyledPart {
  readonly from: number;
  readonly to: number;
  readonly face: number;
}

/**
 * A subtitle of QuickTime (MP4's "mov_text", 3GPP TS 26.245) as one of SubRip: text, bold, italics and underlines. Colours, sizes and
 * places have no counterpart.
 *
 * @returns nothing if it shows nothing, as those do that fill the time between two others.
 */
export function subRipOf(sample: Uint8Array): Uint8Array | undefined {
  if (sample.length < 2) return undefined;
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const end = Math.min(sample.length, 2 + view.getUint16(0));
  const bytes = sample.subarray(2, end);
  const isWide = bytes[0] === 0xfe && bytes[1] === 0xff;
  const text = new TextDecoder(isWide ? "utf-16be" : "utf-8").decode(bytes);
  if (text.trim() === "") return undefined;
  // SubRip takes an empty line for the end.
  const shown = styled(text, stylesOf(view, end)).replaceAll(/\r\n?/g, "\n").replaceAll(/\n{2,}/g, "\n");
  return new TextEncoder().encode(shown);
}

/** The box "styl" behind the text: a number, and of each part its first character, the one after its last, a font, bits, a size, a colour. */
function stylesOf(view: DataView, from: number): StyledPart[] {
  const parts: StyledPart[] = [];
  for (let at = from; at + 10 <= view.byteLength;) {
    const length = view.getUint32(at);
    const isStyles = view.getUint32(at + 4) === 0x7374796c;
    const count = isStyles ? view.getUint16(at + 8) : 0;
    for (let i = 0; i < count && at + 22 + 12 * i <= view.byteLength; i++) {
      const entry = at + 10 + 12 * i;
      parts.push({
        from: view.getUint16(entry),
        to: view.getUint16(entry + 2),
        face: view.getUint8(entry + 6),
      });
    }
    if (length < 8) break;
    at += length;
  }
  return parts;
}

/** The text with tags around its parts. */
function styled(text: string, parts: readonly StyledPart[]): string {
  const characters = [...text];
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to, face } of parts.toSorted((a, b) => a.from - b.from)) {
    const tags = TAGS.filter(([bit]) => (face & bit) !== 0).map(([, tag]) => tag);
    if (tags.length === 0 || from < done || to <= from) continue;
    const opened = tags.map((tag) => `<${tag}>`).join("");
    const closed = tags.toReversed().map((tag) => `</${tag}>`).join("");
    pieces.push(characters.slice(done, from).join(""), opened, characters.slice(from, to).join(""), closed);
    done = to;
  }
  return [...pieces, characters.slice(done).join("")].join("");
}
