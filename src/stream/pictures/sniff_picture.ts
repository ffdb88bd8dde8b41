import { open } from "node:fs/promises";
import type { PictureFormat } from "../../media_name.ts";

/** A format that is read through FFmpeg, and written as another. */
export type StillFormat = "bmp" | "pnm" | "jpeg2000";

/** A format of picture files that is known, `heic` only by name. */
export type KnownFormat = PictureFormat | StillFormat | "heic";

/** Bytes that tell. */
const HEAD_BYTES = 4096;

/** The format of a picture file, by its first bytes; `undefined` for everything else, animations included. */
export async function sniffPicture(path: string): Promise<KnownFormat | undefined> {
  await using file = await open(path, "r");
  const head = new Uint8Array(HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const text = String.fromCharCode(...head.subarray(0, bytesRead));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return text.includes("acTL") ? undefined : "png";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return "tiff";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return isAnimatedWebp(text) ? undefined : "webp";
  if (text.slice(4, 8) === "ftyp") return heifFormat(text);
  if (text.startsWith("BM") && text.slice(6, 10) === "\0\0\0\0") return "bmp";
  if (/^P[1-7]\s/.test(text)) return "pnm";
  const isJpeg2000 = text.startsWith("\0\0\0\x0cjP  \r\n\x87\n") || text.startsWith("\xff\x4f\xff\x51");
  return isJpeg2000 ? "jpeg2000" : undefined;
}

/** An extended file begins with a chunk of flags. */
function isAnimatedWebp(text: string): boolean {
  return text.slice(12, 16) === "VP8X" && (text.charCodeAt(20) & 2) !== 0;
}

/** By the brands that a file of the HEIF family claims; sequences of pictures have brands of their own. */
function heifFormat(text: string): KnownFormat | undefined {
  const length = Math.min(text.length, (text.charCodeAt(2) << 8) + text.charCodeAt(3));
  const brands = new Set(text.slice(8, length).match(/[^]{4}/g));
  if (brands.has("avis") || brands.has("hevc")) return undefined;
  if (brands.has("avif")) return "avif";
  return ["heic", "heix", "heim", "heis", "mif1"].some((brand) => brands.has(brand)) ? "heic" : undefined;
}
