import sharp from "sharp";
import { MediaError, messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";

/**
 * Decodes a PNG, WebP, JPEG or TIFF picture to 8-bit RGB, without its opacity, rotated as its EXIF orientation says.
 *
 * @throws {MediaError} if the file cannot be decoded.
 */
export async function readPicture(path: string): Promise<Picture> {
  try {
    const rgb = sharp(path).rotate().removeAlpha().toColourspace("srgb").raw({ depth: "uchar" });
    const { data, info } = await rgb.toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * Size of a picture in pixels, from its header, rotated as {@linkcode readPicture} does.
 *
 * @throws {MediaError} if the file is not a picture.
 */
export async function pictureSize(path: string): Promise<Pick<Picture, "width" | "height">> {
  try {
    const { autoOrient } = await sharp(path).metadata();
    return autoOrient;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): MediaError {
  return new MediaError(path, `Cannot read this picture: ${messageOf(cause)}`, { cause });
}

/** The bytes of a PNG file of an 8-bit picture: the same for the same picture. */
export async function encodePng({ data, width, height }: Picture): Promise<Uint8Array> {
  return await sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 6 }).toBuffer();
}
