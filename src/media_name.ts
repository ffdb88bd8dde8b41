import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Formats of still pictures that are read and written. */
export type PictureFormat = "png" | "jpeg" | "webp" | "tiff" | "avif";

const PICTURES: Readonly<Record<string, PictureFormat>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  webp: "webp",
  tif: "tiff",
  tiff: "tiff",
  avif: "avif",
};

/** Formats of pictures that are read, but not written. */
const STILLS = new Set([
  "bmp",
  "dib",
  "ppm",
  "pgm",
  "pbm",
  "pnm",
  "pam",
  "jp2",
  "j2k",
  "jpf",
  "heic",
  "heif",
]);

const VIDEOS = new Set([
  ...["mp4", "m4v", "mov", "3gp", "mkv", "webm", "avi", "wmv", "flv", "ogv", "mxf", "y4m"],
  ...["mpg", "mpeg", "ts", "mts", "m2ts"],
]);

const ANIMATIONS = new Set(["gif", "apng"]);

/** What a file is by its name: "still" is a picture of a format that is not written. Names only choose among the files of a folder; opening a file goes by its content. */
export type NamedKind = "video" | "animation" | "picture" | "still";

/** The kind of a file by its extension; `undefined` if it is no media. */
export function kindByName(path: string): NamedKind | undefined {
  const extension = extensionOf(path);
  if (VIDEOS.has(extension)) return "video";
  if (Object.hasOwn(PICTURES, extension)) return "picture";
  if (STILLS.has(extension)) return "still";
  return ANIMATIONS.has(extension) ? "animation" : undefined;
}

/** Whether moving pictures can be written to a file of this name: a WebP is still or animated. */
export function canMove(path: string): boolean {
  const kind = kindByName(path);
  return kind === "video" || kind === "animation" || pictureFormatOf(path) === "webp";
}

/** The picture format that a file name asks for. */
export function pictureFormatOf(path: string): PictureFormat | undefined {
  const extension = extensionOf(path);
  return Object.hasOwn(PICTURES, extension) ? PICTURES[extension] : undefined;
}

/** The name of a picture that is made of one of this name: of one whose format is not written, a PNG. */
export function writtenName(path: string): string {
  return kindByName(path) === "still" ? path.replace(/\.[^.]*$/, ".png") : path;
}

/**
 * The kind of a file that was found in a folder, not named by the user: by its extension. TypeScript files share theirs with
 * transport streams, so those are checked for packets.
 */
export async function kindInFolder(path: string): Promise<NamedKind | undefined> {
  const isAmbiguous = /^m?ts$/.test(extensionOf(path));
  return isAmbiguous && !await isTransportStream(path) ? undefined : kindByName(path);
}

/** By the sync bytes of its first two packets, which in M2TS files follow a timestamp of four bytes. */
async function isTransportStream(path: string): Promise<boolean> {
  try {
    await using file = await open(path, "r");
    const head = new Uint8Array(197);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const isPlain = head[0] === 0x47 && (head[188] === 0x47 || bytesRead <= 188);
    return isPlain || head[4] === 0x47 && head[196] === 0x47;
  } catch {
    return true; // opening it will say what is wrong with it
  }
}

function extensionOf(path: string): string {
  return /[^/\\]\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** Pictures of a folder that are numbered from 1 by a pattern: "frames/%06d.png". */
export interface NumberedPictures {
  readonly folder: string;
  readonly format: PictureFormat;
  /** The name of a picture in the folder. */
  readonly nameOf: (number: number) => string;
}

/** The pictures that a pattern of names stands for; `undefined` for a name that is none. */
export function numberedPictures(path: string): NumberedPictures | undefined {
  const format = pictureFormatOf(path);
  const [, before, digits, after] = /^([^%]*)%(?:0(\d{1,2}))?d([^%]*)$/.exec(basename(path)) ?? [];
  if (format === undefined || before === undefined || after === undefined) return undefined;
  const nameOf = (number: number) => `${before}${String(number).padStart(Number(digits ?? 1), "0")}${after}`;
  return { folder: dirname(path), format, nameOf };
}

/** What an output takes on the disk: of a pattern of names, the folder. */
export function placeOf(output: string): string {
  return numberedPictures(output)?.folder ?? output;
}
