import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import sharp, { type Metadata } from "sharp";
import { MediaError } from "../../errors.ts";
import { defaultMemory } from "../../free_memory.ts";
import { decodeStill, type StillFormat } from "./decode_still.ts";
import { decodeTolerantly, type FailOn, firstLine, type ToleratedPicture } from "./decode_tolerantly.ts";
import { mendJpeg } from "./mend_jpeg.ts";
import type { Samples } from "./samples.ts";
import { sniffPicture } from "./sniff_picture.ts";

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

/** Bytes that decoding a pixel takes at most, of formats that say only then how many there are. */
const STILL_BYTES = 24;

const READ = "PNG, JPEG, WebP, AVIF, TIFF, BMP, PPM or JPEG 2000";

/** A picture file in memory. */
export interface PictureFile extends PictureLayout {
  /** The file, or another that sharp reads and that shows the same. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What is missing of it, where that is known before it is decoded. */
  readonly damage?: string;
  /** How what `bytes` holds differs from the file, one line each. */
  readonly changes: readonly string[];
}

/**
 * Reads a picture file into memory, and its layout.
 *
 * @param memory bytes that this process may take
 * @throws {MediaError} if it is no picture, damaged, has more pixels than `maxPixels`, several pages, or samples that are not known.
 */
export async function readPictureFile(
  path: string,
  maxPixels: number,
  memory: number = defaultMemory(),
): Promise<PictureFile> {
  const sniffed = await sniffPicture(path).catch((cause) => {
    throw new MediaError(path, "The file cannot be read. Check its name and permissions", { cause });
  });
  if (sniffed === undefined) {
    throw new MediaError(path, `This is not a picture that can be read. Use ${READ}`);
  }
  if (sniffed.kind === "unread") {
    throw new MediaError(path, `${sniffed.name} pictures cannot be read. Convert it first, to ${READ}`);
  }
  const stored = await readFile(path);
  if (sniffed.kind === "read") {
    return await asTiff(path, stored, sniffed.format, Math.min(maxPixels, Math.floor(memory / STILL_BYTES)));
  }
  const isJpeg = sniffed.format === "jpeg";
  const { bytes, isCut } = isJpeg ? mendJpeg(stored) : { bytes: stored, isCut: false };
  const damage = isCut ? { damage: "The file is truncated" } : {};
  const found = await metadataOf(path, bytes, maxPixels);
  if ((found.subifds ?? 0) > 0 && sniffed.format === "tiff") {
    throw new MediaError(
      path,
      `It is a camera's raw file, or holds several pictures. Convert it first, to ${READ}`,
    );
  }
  if (found.space !== "cmyk") return { bytes, changes: [], ...damage, ...layoutOf(path, found) };
  const rgb = await cmykToRgb(path, bytes, maxPixels);
  const converted = new Uint8Array(rgb.data);
  return {
    bytes: converted,
    changes: ["CMYK becomes RGB"],
    ...(rgb.damage !== undefined && { damage: rgb.damage }),
    ...damage,
    ...layoutOf(path, await metadataOf(path, converted, maxPixels)),
  };
}

/** A file that sharp does not read as one that it does. */
async function asTiff(
  path: string,
  stored: Uint8Array,
  format: StillFormat,
  maxPixels: number,
): Promise<PictureFile> {
  const { samples, width, height, channels } = await decodeStill(path, stored, format, maxPixels);
  const layout = { channels, bits: samples instanceof Uint16Array ? 16 : 8 } as const;
  const tiff = await sharp(samples, { raw: { width, height, channels }, limitInputPixels: maxPixels })
    .toColourspace(colourspaceOf(layout)).tiff({ compression: "none" }).toBuffer();
  const hasProfile = format === "jpeg2000" && Buffer.from(stored.subarray(0, 4096)).includes("colr\x02");
  return {
    ...{ bytes: new Uint8Array(tiff), changes: hasProfile ? ["Its colour profile is left out"] : [] },
    ...{ width, height, ...layout, orientation: 1, isTagged: false },
  };
}

async function metadataOf(path: string, bytes: Uint8Array, maxPixels: number): Promise<Metadata> {
  return await sharp(bytes, { limitInputPixels: maxPixels, failOn: "none" }).metadata()
    .catch((cause: Error) => {
      throw new MediaError(
        path,
        `Cannot read this picture: ${firstLine(cause)}. Use a complete one of at most ${maxPixels} pixels`,
        { cause },
      );
    });
}

function layoutOf(path: string, found: Metadata): PictureLayout {
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
    width,
    height,
    channels,
    bits: depth === "ushort" ? 16 : 8,
    orientation: orientation ?? 1,
    isTagged,
  };
}

/** The file as a PNG in RGB, by its own profile, else a usual one. */
async function cmykToRgb(path: string, bytes: Uint8Array, maxPixels: number): Promise<ToleratedPicture> {
  return await decodeTolerantly(
    path,
    (failOn) =>
      sharp(bytes, { limitInputPixels: maxPixels, failOn }).toColourspace("srgb").keepMetadata()
        .png({ compressionLevel: 1 }),
  );
}

/** The samples of a picture file. */
export interface StoredSamples {
  /** As they are stored: no profile applied, not rotated, `channels` a pixel. */
  readonly samples: Samples;
  /** What its bytes can be decoded with. */
  readonly failOn: FailOn;
  /** What is wrong with it; the samples are what could be decoded. */
  readonly damage?: string;
}

/**
 * Decodes a picture file, a damaged one as far as that goes.
 *
 * @throws {MediaError} if nothing can be decoded.
 */
export async function decodePicture(
  path: string,
  file: PictureFile,
  maxPixels: number,
): Promise<StoredSamples> {
  // sharp returns 8-bit grey without its opacity, but RGB with it.
  const widened = file.channels === 2 && file.bits === 8;
  const space = widened ? "srgb" : colourspaceOf(file);
  const depth = file.bits === 16 ? "ushort" : "uchar";
  const { data, info, failOn, ...found } = await decodeTolerantly(
    path,
    (failOn) =>
      sharp(file.bytes, { limitInputPixels: maxPixels, ignoreIcc: true, failOn }).toColourspace(space)
        .raw({ depth }),
  );
  if (info.channels !== (widened ? 4 : file.channels)) {
    throw new MediaError(path, `It decodes to ${info.channels} channels instead of ${file.channels}`);
  }
  // Frames are transferred between threads, so each must own its memory.
  const own = widened ? data.filter((_, i) => i % 4 === 0 || i % 4 === 3) : data;
  const bytes = new Uint8Array(own);
  const damage = file.damage ?? found.damage;
  return {
    samples: file.bits === 16 ? new Uint16Array(bytes.buffer) : bytes,
    failOn,
    ...(damage !== undefined && { damage }),
  };
}

/** The name sharp has for how these samples are stored. */
export function colourspaceOf({ channels, bits }: Pick<PictureLayout, "channels" | "bits">): string {
  if (channels < 3) return bits === 16 ? "grey16" : "b-w";
  return bits === 16 ? "rgb16" : "srgb";
}
