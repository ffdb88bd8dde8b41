import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSink } from "../../frame.ts";
import { type PictureFormat, pictureFormatOf } from "../../media_name.ts";
import { guardWrite, PartFile } from "../../part_file.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import type { SinkOptions } from "../sink_options.ts";
import { MAX_PIXELS } from "../source_options.ts";
import { colourspaceOf, decodePicture, readPictureFile } from "./picture_file.ts";
import { fromRgb, type Samples } from "./samples.ts";

/** Quality of lossy pictures, 1 to 100. */
const QUALITY = 95;

/** What people call each format. */
const NAMES: Readonly<Record<PictureFormat, string>> = {
  png: "PNG",
  jpeg: "JPEG",
  webp: "WebP",
  tiff: "TIFF",
};

/** Options of {@linkcode createPicture}. */
export interface CreatePictureOptions extends SinkOptions {
  /** Picture file whose metadata is copied, and whose depth, channels and size decide how the new one is stored. */
  readonly copy: string;
}

/**
 * Starts writing one picture: format by its name, depth, opacity, colour profile, EXIF and orientation of the picture that
 * is copied from. It grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is that picture, or cannot be written there.
 */
export async function createPicture(path: string, options: CreatePictureOptions): Promise<FrameSink> {
  const format = formatOf(path);
  const { copy, overwrite = false, lossless = false } = options;
  const part = await PartFile.create(path, { inputs: [copy], overwrite });
  const place = () => ({ from: copy, to: part.partPath, name: path, format });
  return new OwnedSink(path, part, new PictureWriter(place, lossless));
}

/** Options of {@linkcode createSequence}. */
export interface CreateSequenceOptions extends SinkOptions {
  /** Folder of the pictures whose metadata is copied, and their names in it: that of a frame is at its `pts`. */
  readonly copy: { readonly folder: string; readonly names: readonly string[] };
}

/**
 * Starts writing a folder of pictures, each named, and stored, like the picture that is copied from.
 * The folder grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the folder exists (without `overwrite`), is that of the pictures, or cannot be made there.
 */
export async function createSequence(path: string, options: CreateSequenceOptions): Promise<FrameSink> {
  const { copy: { folder, names }, overwrite = false, lossless = false } = options;
  const part = await PartFile.create(path, { inputs: [folder], overwrite, folder: true });
  const place = ({ pts }: Frame) => {
    const name = names[Number(pts)];
    if (name === undefined) {
      throw new MediaError(folder, `There is no picture for frame ${pts}: the folder has ${names.length}`);
    }
    const to = join(part.partPath, basename(name));
    return { from: join(folder, name), to, name: to, format: formatOf(name) };
  };
  return new OwnedSink(path, part, new PictureWriter(place, lossless));
}

function formatOf(path: string): PictureFormat {
  const format = pictureFormatOf(path);
  if (format === undefined) {
    throw new MediaError(path, "No picture format has this extension. Use .png, .jpg, .webp or .tif");
  }
  return format;
}

/** A picture file in memory, and what its format cannot hold, one line each. */
interface EncodedPicture {
  readonly bytes: Uint8Array;
  readonly losses: readonly string[];
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

/**
 * A frame as a picture file that carries the metadata of `sourcePath`. A picture of another size than the source
 * (several side by side) gets the profile's pixels but none of the metadata.
 */
async function encodePicture(
  frame: Frame,
  sourcePath: string,
  format: PictureFormat,
  lossless: boolean,
): Promise<EncodedPicture> {
  const losses = lossesOf(frame, format);
  const source = await readPictureFile(sourcePath, MAX_PIXELS);
  const { bits, channels, width, height } = source;
  const samples = toDepth(fromRgb(frame.data, frame.alpha, channels), bits);
  const space = colourspaceOf(source);
  const exact = lossless || isLosslessWebp(source.bytes);
  if (frame.width !== width || frame.height !== height) {
    const raw = { width: frame.width, height: frame.height, channels: rawChannels(channels) };
    const alone = sharp(samples, { raw }).toColourspace(space);
    return { bytes: await toFormat(alone, format, exact, undefined).toBuffer(), losses };
  }
  // sharp cannot give a file's profile and EXIF to other pixels; but source XOR (source XOR new) is new, metadata kept.
  const difference = await decodePicture(sourcePath, source, MAX_PIXELS);
  for (let i = 0; i < difference.length; i++) difference[i] = (difference[i] ?? 0) ^ (samples[i] ?? 0);
  const raw = { width, height, channels: rawChannels(channels) };
  const operand = await sharp(difference, { raw }).toColourspace(space).tiff({ compression: "none" })
    .toBuffer();
  const merged = sharp(source.bytes, { ignoreIcc: true }).boolean(operand, "eor").toColourspace(space);
  // Metadata that is not there sharp would make up.
  if (source.isTagged) merged.keepMetadata();
  const { chromaSubsampling } = await sharp(source.bytes).metadata();
  return { bytes: await toFormat(merged, format, exact, chromaSubsampling).toBuffer(), losses };
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

/** Where the picture of a frame comes from and goes to. */
interface PicturePlace {
  /** File whose metadata is copied. */
  readonly from: string;
  /** File to write. */
  readonly to: string;
  /** What errors call it. */
  readonly name: string;
  readonly format: PictureFormat;
}

/** Writes each frame to a picture file of its own. */
class PictureWriter implements FrameWriter {
  /** Each once, of however many pictures. */
  readonly #losses = new Set<string>();
  readonly #place: (frame: Frame) => PicturePlace;
  readonly #lossless: boolean;

  constructor(place: (frame: Frame) => PicturePlace, lossless: boolean) {
    [this.#place, this.#lossless] = [place, lossless];
  }

  get notes(): readonly string[] {
    return [...this.#losses];
  }

  async write(frame: Frame): Promise<void> {
    const { from, to, name, format } = this.#place(frame);
    const { bytes, losses } = await encodePicture(frame, from, format, this.#lossless);
    await guardWrite(name, () => writeFile(to, bytes));
    for (const loss of losses) this.#losses.add(loss);
  }

  async finish(): Promise<void> {
    // Every picture is whole once it is written.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Between two calls no file is open.
  }
}
