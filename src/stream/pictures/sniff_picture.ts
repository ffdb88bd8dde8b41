import { open } from "node:fs/promises";
import type { PictureFormat } from "../../media_name.ts";
import type { StillFormat } from "./decode_still.ts";

/** What a picture file is: a format that is read and written, one that is read through FFmpeg, or one that is only known. */
export type SniffedPicture =
  | { readonly kind: "written"; readonly format: PictureFormat }
  | { readonly kind: "read"; readonly format: StillFormat }
  | { readonly kind: "unread"; readonly name: string };

/** Bytes that tell. */
const HEAD_BYTES = 4096;

/** First bytes of formats, and what they are. */
const FORMATS: readonly (readonly [RegExp, SniffedPicture])[] = [
  [/^\xff\xd8\xff/, { kind: "written", format: "jpeg" }],
  [/^II\*\0[^]{4}CR/, { kind: "unread", name: "camera raw (CR2)" }],
  [/^[^]{4}ftypcrx /, { kind: "unread", name: "camera raw (CR3)" }],
  [/^FUJIFILMCCD-RAW/, { kind: "unread", name: "camera raw (RAF)" }],
  [/^(?:II[*+]\0|MM\0[*+])/, { kind: "written", format: "tiff" }],
  [/^BM[^]{4}\0\0\0\0/, { kind: "read", format: "bmp" }],
  [/^P[14]\s/, { kind: "read", format: "pbm" }],
  [/^P[25]\s/, { kind: "read", format: "pgm" }],
  [/^P[36]\s/, { kind: "read", format: "ppm" }],
  [/^P7\n/, { kind: "read", format: "pam" }],
  [/^(?:\0\0\0[^]jP {2}\r\n\x87\n|\xff\x4f\xff\x51)/, { kind: "read", format: "jpeg2000" }],
  [/^(?:\xff\n|\0\0\0[^]JXL \r\n\x87\n)/, { kind: "unread", name: "JPEG XL" }],
  [/^8BPS/, { kind: "unread", name: "Photoshop" }],
  [/^v\/1[^]{3}\0\0/, { kind: "unread", name: "OpenEXR" }],
  [/^#\?(?:RADIANCE|RGBE)/, { kind: "unread", name: "Radiance HDR" }],
];

/** The format of a picture file, by its first bytes; `undefined` for everything else, animations included. */
export async function sniffPicture(path: string): Promise<SniffedPicture | undefined> {
  await using file = await open(path, "r");
  const head = new Uint8Array(HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const text = String.fromCharCode(...head.subarray(0, bytesRead));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return text.includes("acTL") ? undefined : written("png");
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") {
    return isAnimatedWebp(text) ? undefined : written("webp");
  }
  const known = FORMATS.find(([start]) => start.test(text))?.[1];
  return known ?? (text.slice(4, 8) === "ftyp" ? heifFormat(text) : undefined);
}

/** By a flag of its first chunk, where that has flags. */
function isAnimatedWebp(text: string): boolean {
  return text.slice(12, 16) === "VP8X" && (text.charCodeAt(20) & 2) !== 0;
}

function written(format: PictureFormat): SniffedPicture {
  return { kind: "written", format };
}

/** By the brands that a file of the HEIF family claims; sequences of pictures have brands of their own. */
function heifFormat(text: string): SniffedPicture | undefined {
  const length = Math.min(text.length, (text.charCodeAt(2) << 8) + text.charCodeAt(3));
  const brands = new Set(text.slice(8, length).match(/[^]{4}/g));
  if (brands.has("avis") || brands.has("hevc")) return undefined;
  if (brands.has("avif")) return written("avif");
  const isHeic = ["heic", "heix", "heim", "heis", "mif1"].some((brand) => brands.has(brand));
  return isHeic ? { kind: "unread", name: "HEIC" } : undefined;
}
