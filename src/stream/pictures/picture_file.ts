import { open, readFile } from "node:fs/promises";
import type { Buffer } from "node:buffer";
import sharp from "sharp";
import { MediaError } from "../../errors.ts";
import type { PictureFormat } from "../../media_name.ts";

/** The format of a picture file, by its first bytes; `undefined` for everything else, animated PNG included. */
export async function sniffPicture(path: string): Promise<PictureFormat | undefined> {
  await using file = await open(path, "r");
  const head = new Uint8Array(4096);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const text = String.fromCharCode(...head.subarray(0, bytesRead));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return text.includes("acTL") ? undefined : "png";
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return "tiff";
  return text.startsWith("RIFF") && text.slice(8, 12) === "WEBP" ? "webp" : undefined;
}

/** How the samples of a picture file lie in memory once decoded. */
export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and opacity, 3 RGB, 4 RGB and opacity. */
  readonly channels: number;
  readonly bits: 8 | 16;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
  /** Whether there is a profile, EXIF or XMP beside the samples. */
  readonly isTagged: boolean;
}

/** A picture file in memory. */
export interface PictureFile extends PictureLayout {
  /** The bytes of the file. */
  readonly bytes: Buffer;
}

/**
 * Reads a picture file into memory, and its layout.
 *
 * @throws {MediaError} if it is no picture, damaged, has more pixels than `maxPixels`, several pages, or is not RGB or grey.
 */
export async function readPictureFile(path: string, maxPixels: number): Promise<PictureFile> {
  const format = await sniffPicture(path).catch((cause) => {
    throw new MediaError(path, "The file cannot be read. Check its name and permissions", { cause });
  });
  if (format === undefined) {
    throw new MediaError(path, "This is not a picture that can be read. Use PNG, JPEG, WebP or TIFF");
  }
  const bytes = await readFile(path);
  const found = await sharp(bytes, { limitInputPixels: maxPixels }).metadata().catch((cause: Error) => {
    throw new MediaError(
      path,
      `Cannot read this picture: ${firstLine(cause)}. Use a complete one of at most ${maxPixels} pixels`,
      {
        cause,
      },
    );
  });
  if ((found.pages ?? 1) > 1) {
    throw new MediaError(path, `It holds ${found.pages} pictures. Save each in a file of its own`);
  }
  const { width, height, space, channels, depth, orientation, icc, exif, xmp } = found;
  if (!/^(?:srgb|rgb|rgb16|b-w|grey16)$/.test(space) || !/^(?:uchar|ushort)$/.test(depth)) {
    throw new MediaError(
      path,
      `Its samples are ${space} ${depth}. Convert it to RGB or grey of 8 or 16 bits`,
    );
  }
  const isTagged = [icc, exif, xmp, orientation].some((tag) => tag !== undefined);
  return {
    bytes,
    width,
    height,
    channels,
    bits: depth === "ushort" ? 16 : 8,
    orientation: orientation ?? 1,
    isTagged,
  };
}

/**
 * The samples of a picture file as they are stored: no profile applied, not rotated, `channels` a pixel.
 *
 * @throws {MediaError} if it is damaged.
 */
export async function decodePicture(
  path: string,
  file: PictureFile,
  maxPixels: number,
): Promise<Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>> {
  // sharp returns 8-bit grey without its opacity, but RGB with it.
  const widened = file.channels === 2 && file.bits === 8;
  const space = widened ? "srgb" : colourspaceOf(file);
  const depth = file.bits === 16 ? "ushort" : "uchar";
  const pipeline = sharp(file.bytes, { limitInputPixels: maxPixels, ignoreIcc: true }).toColourspace(space)
    .raw({ depth });
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true }).catch((cause: Error) => {
    throw new MediaError(path, `The picture is damaged: ${firstLine(cause)}. Use a complete one`, {
      cause,
    });
  });
  if (info.channels !== (widened ? 4 : file.channels)) {
    throw new MediaError(path, `It decodes to ${info.channels} channels instead of ${file.channels}`);
  }
  // Frames are transferred between threads, so each must own its memory.
  const own = widened ? data.filter((_, i) => i % 4 === 0 || i % 4 === 3) : data;
  const bytes = new Uint8Array(own);
  return file.bits === 16 ? new Uint16Array(bytes.buffer) : bytes;
}

/** The name sharp has for how these samples are stored. */
export function colourspaceOf({ channels, bits }: Pick<PictureLayout, "channels" | "bits">): string {
  if (channels < 3) return bits === 16 ? "grey16" : "b-w";
  return bits === 16 ? "rgb16" : "srgb";
}

function firstLine(error: Error): string {
  return error.message.split("\n")[0] ?? "";
}
