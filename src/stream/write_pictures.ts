import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSink } from "../frame.ts";
import { type PictureFormat, pictureFormatOf } from "../media_name.ts";
import { listPictures } from "./open_pictures.ts";
import { MAX_PIXELS } from "./open_video.ts";
import { guardWrite, PartFile, refuseInput } from "../part_file.ts";
import { colourspaceOf, decodePicture, readPictureFile } from "./picture_file.ts";
import { fromRgb, type Samples } from "./samples.ts";
import type { CreateVideoOptions } from "./write_video.ts";

/** Quality of lossy pictures, 1 to 100. */
const QUALITY = 95;

/** What people call each format. */
const NAMES: Readonly<Record<PictureFormat, string>> = {
  png: "PNG",
  jpeg: "JPEG",
  webp: "WebP",
  tiff: "TIFF",
};

/** Pictures waiting to be encoded. */
const HIGH_WATER_MARK = 1;

/**
 * Starts writing one picture: format by its name, depth, opacity, colour profile, EXIF and orientation of the source.
 * It grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is the input, or cannot be written there.
 */
export async function createPicture(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const format = formatOf(path);
  const { source, overwrite = false, lossless = false } = options;
  const part = await PartFile.create(path, { inputs: [source.path], overwrite });
  const write = async (frame: Frame) => {
    const { bytes, losses } = await encodePicture(frame, source.path, format, lossless);
    await guardWrite(path, () => writeFile(part.partPath, bytes));
    return losses;
  };
  return new PictureSink(path, part, write);
}

/**
 * Starts writing a folder of pictures, each named, and stored, like the picture of the source folder it came from.
 * The folder grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the folder exists (without `overwrite`), is the input, or cannot be made there.
 */
export async function createSequence(path: string, options: CreateVideoOptions): Promise<FrameSink> {
  const { source, overwrite = false, lossless = false } = options;
  await refuseInput(path, [source.path]);
  const names = await listPictures(source.path);
  const part = await PartFile.create(path, { inputs: [source.path], overwrite, folder: true });
  const write = async (frame: Frame) => {
    const name = names[Number(frame.pts)];
    if (name === undefined) {
      throw new MediaError(source.path, `It has no picture ${frame.pts}; wanted one of ${names.length}`);
    }
    const { bytes, losses } = await encodePicture(
      frame,
      join(source.path, name),
      formatOf(name),
      lossless,
    );
    const file = join(part.partPath, basename(name));
    await guardWrite(file, () => writeFile(file, bytes));
    return losses;
  };
  return new PictureSink(path, part, write);
}

function formatOf(path: string): PictureFormat {
  const format = pictureFormatOf(path);
  if (format === undefined) {
    throw new MediaError(path, "No picture has this extension; wanted .png, .jpg, .webp or .tif");
  }
  return format;
}

/** A picture file in memory, and what its format could not take over, one line each. */
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
  // sharp cannot hang a file's profile and EXIF on other pixels; but source XOR (source XOR new) is new, metadata kept.
  const difference = await decodePicture(sourcePath, source, MAX_PIXELS);
  for (let i = 0; i < difference.length; i++) difference[i] = (difference[i] ?? 0) ^ (samples[i] ?? 0);
  const raw = { width, height, channels: rawChannels(channels) };
  const operand = await sharp(difference, { raw }).toColourspace(space).tiff({ compression: "none" })
    .toBuffer();
  const merged = sharp(source.bytes, { ignoreIcc: true }).boolean(operand, "eor").toColourspace(space);
  // Asked to keep what is not there, sharp makes it up.
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

class PictureSink implements FrameSink {
  readonly frames: WritableStream<Frame>;
  /** Each once, of however many pictures. */
  readonly #losses = new Set<string>();
  readonly #part: PartFile;
  #fail: ((error: unknown) => void) | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #written = 0;
  #target: string;
  #done = false;

  /** @param write writes one picture, and tells what was lost of it */
  constructor(path: string, part: PartFile, write: (frame: Frame) => Promise<readonly string[]>) {
    this.#part = part;
    this.#target = path;
    this.frames = new WritableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      write: async (frame) => {
        this.#written++;
        const writing = write(frame);
        this.#busy = writing;
        for (const loss of await writing) this.#losses.add(loss);
      },
      close: async () => {
        if (this.#written === 0) throw new MediaError(path, "No frame came; wanted at least one");
        await part.complete(this.#target);
        this.#done = true;
      },
      abort: () => this.#giveUp(),
    }, { highWaterMark: HIGH_WATER_MARK });
  }

  get notes(): readonly string[] {
    return [...this.#losses];
  }

  async finishAs(path: string): Promise<void> {
    this.#target = path;
    await this.frames.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#done) return;
    this.#fail?.(new MediaError(this.#target, "The output was given up"));
    await this.#giveUp();
  }

  async #giveUp(): Promise<void> {
    // What failed in a write was told to the writer already.
    await this.#busy.catch(() => {});
    await this.#part.discard();
  }
}
