import sharp, { type Sharp } from "sharp";
import { cropSamples, type Region } from "../../crop_picture.ts";
import type { Frame } from "../../frame.ts";
import type { PictureFormat } from "../../media_name.ts";
import { MAX_PIXELS } from "../source_options.ts";
import { colourspaceOf, decodePicture, readPictureFile } from "./picture_file.ts";
import { fromRgb, type Samples } from "./samples.ts";

/** Quality of lossy pictures, 1 to 100. */
const QUALITY = 95;

/** Of AVIF, whose scale is another one. */
const AVIF_QUALITY = 85;

/** What people call each format. */
const NAMES: Readonly<Record<PictureFormat, string>> = {
  png: "PNG",
  jpeg: "JPEG",
  webp: "WebP",
  tiff: "TIFF",
  avif: "AVIF",
};

/** A picture file in memory, and what its format cannot hold, one line each. */
export interface EncodedPicture {
  /** The bytes of the file. */
  readonly bytes: Uint8Array;
  readonly losses: readonly string[];
}

/** Options of {@linkcode encodePicture}. */
export interface EncodePictureOptions {
  /** Picture file whose metadata is copied, and whose depth and channels the new one has. */
  readonly source: string;
  readonly format: PictureFormat;
  /** Lose nothing that the format can keep. */
  readonly lossless: boolean;
  /** The part of the source, as stored, that the frame shows. @default {all of it} */
  readonly region?: Region | undefined;
}

/**
 * A frame as a picture file. One of another size than the source (several pictures side by side) gets none of the metadata.
 *
 * @throws {MediaError} if the source cannot be read.
 */
export async function encodePicture(
  frame: Frame,
  { source: sourcePath, format, lossless, region }: EncodePictureOptions,
): Promise<EncodedPicture> {
  const source = await readPictureFile(sourcePath, MAX_PIXELS);
  const losses = [...source.changes, ...lossesOf(frame, format)];
  const { bits, channels } = source;
  const { x, y, width, height } = region ?? { x: 0, y: 0, width: source.width, height: source.height };
  const samples = toDepth(fromRgb(frame.data, frame.alpha, channels), bits);
  const space = colourspaceOf(source);
  const exact = lossless || isLosslessWebp(source.bytes);
  if (frame.width !== width || frame.height !== height) {
    const raw = { width: frame.width, height: frame.height, channels: rawChannels(channels) };
    const alone = sharp(samples, { raw }).toColourspace(space);
    return { bytes: await toFormat(alone, format, exact, undefined).toBuffer(), losses };
  }
  // sharp cannot give a file's profile and EXIF to other pixels; but source XOR (source XOR new) is new, metadata kept.
  const raw = { width, height, channels: rawChannels(channels) };
  const { samples: stored, failOn } = await decodePicture(sourcePath, source, MAX_PIXELS);
  const difference = region === undefined
    ? stored
    : cutSamples(stored, { width: source.width, channels: raw.channels }, region);
  for (let i = 0; i < difference.length; i++) difference[i] = (difference[i] ?? 0) ^ (samples[i] ?? 0);
  const operand = await sharp(difference, { raw }).toColourspace(space).tiff({ compression: "none" })
    .toBuffer();
  const part = sharp(source.bytes, { ignoreIcc: true, failOn });
  if (region !== undefined) part.extract({ left: x, top: y, width, height });
  const merged = part.boolean(operand, "eor").toColourspace(space);
  // Metadata that is not there sharp would make up.
  if (source.isTagged) merged.keepMetadata();
  const { chromaSubsampling } = await sharp(source.bytes, { failOn }).metadata();
  return { bytes: await toFormat(merged, format, exact, chromaSubsampling).toBuffer(), losses };
}

/** Options of {@linkcode encodeFrame}. */
export interface EncodeFrameOptions extends Pick<EncodePictureOptions, "format" | "lossless"> {
  /** Clockwise quarter turns, in degrees. */
  readonly rotation: number;
}

/** A frame that comes from no picture file as one, without metadata. */
export async function encodeFrame(
  frame: Frame,
  { format, lossless, rotation }: EncodeFrameOptions,
): Promise<EncodedPicture> {
  const { data, alpha, width, height } = frame;
  const channels = alpha === undefined ? 3 : 4;
  const bits = data instanceof Uint16Array ? 16 : 8;
  const samples = fromRgb(data, alpha, channels);
  const picture = sharp(samples, { raw: { width, height, channels } }).rotate(rotation)
    .toColourspace(colourspaceOf({ channels, bits }));
  const bytes = await toFormat(picture, format, lossless, undefined).toBuffer();
  return { bytes, losses: lossesOf(frame, format) };
}

/** The samples of a part of a picture of any number of channels. */
function cutSamples(
  samples: Samples,
  { width, channels }: { readonly width: number; readonly channels: number },
  region: Region,
): Samples {
  return cropSamples(samples, width * channels, {
    x: region.x * channels,
    y: region.y,
    width: region.width * channels,
    height: region.height,
  });
}

function lossesOf({ data, alpha }: Frame, format: PictureFormat): readonly string[] {
  const holds16 = format === "png" || format === "tiff";
  return [
    ...(alpha && format === "jpeg" ? ["Opacity is lost: JPEG has none"] : []),
    ...(data instanceof Uint16Array && !holds16
      ? [`16 bits a sample become 8: ${NAMES[format]} has no more`]
      : []),
  ];
}

function toFormat(
  picture: Sharp,
  format: PictureFormat,
  lossless: boolean,
  chromaSubsampling: string | undefined,
): Sharp {
  switch (format) {
    case "png":
      return picture.png();
    case "jpeg":
      return picture.jpeg({
        quality: lossless ? 100 : QUALITY,
        chromaSubsampling: chromaSubsampling ?? "4:4:4",
      });
    case "webp":
      return picture.webp({ quality: QUALITY, lossless });
    case "avif":
      return picture.avif({ quality: AVIF_QUALITY, lossless, chromaSubsampling: "4:4:4" });
    case "tiff":
      return picture.tiff({ compression: "deflate", predictor: "horizontal" });
  }
}

/** A WebP file is chunks of a name, a length and so many bytes; the picture is in `VP8L` or `VP8 `. */
function isLosslessWebp(bytes: Uint8Array): boolean {
  const text = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (text(0) !== "RIFF" || text(8) !== "WEBP") return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length;) {
    if (text(at) === "VP8L") return true;
    if (text(at) === "VP8 ") return false;
    const length = view.getUint32(at + 4, true);
    at += 8 + length + length % 2;
  }
  return false;
}

function rawChannels(channels: number): 1 | 2 | 3 | 4 {
  return channels === 1 || channels === 2 || channels === 4 ? channels : 3;
}

function toDepth(samples: Samples, bits: 8 | 16): Samples {
  if (bits === 16) {
    return samples instanceof Uint16Array ? samples : Uint16Array.from(samples, (value) => value * 257);
  }
  return samples instanceof Uint8Array
    ? samples
    : Uint8Array.from(samples, (value) => Math.round(value / 257));
}
