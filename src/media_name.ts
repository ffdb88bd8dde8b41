/** Formats of still pictures that are read and written. */
export type PictureFormat = "png" | "jpeg" | "webp" | "tiff";

const PICTURES: Readonly<Record<string, PictureFormat>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  webp: "webp",
  tif: "tiff",
  tiff: "tiff",
};

const VIDEOS = new Set([
  ...["mp4", "m4v", "mov", "3gp", "mkv", "webm", "avi", "wmv", "flv", "ogv", "mxf", "y4m"],
  ...["mpg", "mpeg", "ts", "mts", "m2ts"],
]);

/** Moving or still: what can be looked at, but is not written. */
const VIEWED = new Set(["gif", "avif", "heic"]);

/** What a file is by its name. What is in it is told when it is opened: names are for choosing among the files of a folder. */
export type NamedKind = "video" | "picture" | "viewed";

/** The kind that the extension of a file name says; `undefined` for what is no media. */
export function kindByName(path: string): NamedKind | undefined {
  const extension = extensionOf(path);
  if (VIDEOS.has(extension)) return "video";
  if (Object.hasOwn(PICTURES, extension)) return "picture";
  return VIEWED.has(extension) ? "viewed" : undefined;
}

/** The picture format that a file name asks for. */
export function pictureFormatOf(path: string): PictureFormat | undefined {
  const extension = extensionOf(path);
  return Object.hasOwn(PICTURES, extension) ? PICTURES[extension] : undefined;
}

/** Whether a name of a transport stream may be that of a TypeScript file just as well. */
export function isAmbiguousName(path: string): boolean {
  return /^m?ts$/.test(extensionOf(path));
}

function extensionOf(path: string): string {
  return /[^/\\]\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
