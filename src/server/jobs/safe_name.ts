import { extname } from "node:path";

const MOST_LETTERS = 100;
/** Names that Windows keeps for devices, with any extension. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A file name that is safe in a folder of ours, on any system, made from one that somebody sent: its last part, without
 * control characters and those that some systems do not allow. Never a path, hidden or empty.
 */
export function safeName(sent: string): string {
  const last = sent.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replaceAll(/[\p{C}<>:"|?*]/gu, "_")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "");
  const extension = extname(plain).slice(0, 10);
  const letters = [...plain.slice(0, plain.length - extname(plain).length)];
  const name = `${letters.slice(0, MOST_LETTERS).join("")}${extension}`;
  return name === "" || DEVICES.test(name) ? `clip_${name}`.replace(/_$/, "") : name;
}

/** `name`, or with the first free number before its extension: "clip-2.mp4". */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 1;; number++) {
    const tried = number === 1 ? name : `${stem}-${number}${extension}`;
    if (!isTaken(tried)) return tried;
  }
}
