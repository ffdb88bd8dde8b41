import { basename, join } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSource, MediaInfo, SampleFormat } from "../../frame.ts";
import { type PictureLoad, planJobMemory } from "../../job_memory.ts";
import { listMedia } from "../../list_media.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import {
  checkMemory,
  checkRange,
  type FrameTime,
  MAX_PIXELS,
  type SourceOptions,
} from "../source_options.ts";
import { decodePicture, type PictureFile, type PictureLayout, readPictureFile } from "./picture_file.ts";
import { toRgb } from "./samples.ts";

/** Frames a second of a folder of pictures, by default. */
const SEQUENCE_RATE = 25;
/** Times of its frames are counted in this fraction of a frame's duration: rates such as 23.976 are no whole numbers. */
const RATE_PARTS = 1000;

/** Clockwise degrees for EXIF orientations 1 to 8; for mirrored ones the nearest rotation. */
const ROTATIONS: readonly number[] = [0, 0, 0, 180, 180, 90, 90, 270, 270];

/**
 * Opens a picture file. `frames` delivers one frame, of 16 bits where the file has them, with its opacity, not
 * rotated and in the file's own colour profile.
 *
 * What is truncated or damaged gives the frame as far as it can be decoded, and then fails `frames`, as openVideo does.
 *
 * @throws {MediaError} if it is no picture, too large, or needs more memory than there is.
 */
export async function openPicture(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { maxPixels = MAX_PIXELS, memory, signal } = options;
  checkMemory(options);
  signal?.throwIfAborted();
  const first = await readPictureFile(path, maxPixels, memory);
  signal?.throwIfAborted();
  planJobMemory(path, loadOf(first), memory);
  const info: MediaInfo = {
    ...describePicture(path, first),
    kind: "picture",
    timeBase: { num: 1, den: 1 },
    frames: 1,
  };
  const limits = { maxPixels, ...(memory !== undefined && { memory }) };
  const reader = new PictureReader([{ path, pts: 0n, duration: 0n }], limits, first.damage);
  return new OwnedSource(info, reader, { signal });
}

/**
 * Opens a folder of pictures as a sequence of `fps` frames a second, in the order of the numbers in their names. Other
 * files are skipped; the pictures may differ in size.
 *
 * @throws {MediaError} if the folder holds no picture, or none in the range.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openSequence(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { start = 0, duration, fps = SEQUENCE_RATE, maxPixels = MAX_PIXELS, memory, signal } = options;
  checkRange(options);
  checkMemory(options);
  signal?.throwIfAborted();
  const pictures = await listMedia(path, ["picture", "still"]);
  if (pictures.length === 0) {
    throw new MediaError(
      path,
      "There are no pictures in this folder. Use PNG, JPEG, WebP, AVIF or TIFF files",
    );
  }
  const from = Math.ceil(start * fps - 1e-9);
  const until = duration === undefined ? undefined : Math.ceil((start + duration) * fps - 1e-9);
  const files = pictures.map((name, i) => ({ path: join(path, name), pts: BigInt(i), duration: 1n }))
    .slice(from, until);
  const [first] = files;
  if (first === undefined) {
    const seconds = pictures.length / fps;
    throw new MediaError(
      path,
      `None of its ${pictures.length} pictures is in this range: they last ${seconds} s`,
    );
  }
  const layout = await readPictureFile(first.path, maxPixels, memory);
  signal?.throwIfAborted();
  planJobMemory(first.path, loadOf(layout), memory);
  const info: MediaInfo = {
    ...describePicture(path, layout),
    kind: "sequence",
    samples: samplesOf(layout),
    timeBase: { num: RATE_PARTS, den: Math.round(fps * RATE_PARTS) },
    frameRate: fps,
    frames: files.length,
    seconds: files.length / fps,
    pictures,
    ...((from > 0 || duration !== undefined) &&
      { range: { start, ...(duration !== undefined && { duration }) } }),
  };
  return new OwnedSource(
    info,
    new PictureReader(files, { maxPixels, ...(memory !== undefined && { memory }) }),
    { signal },
  );
}

function describePicture(path: string, { width, height, bits, channels, orientation }: PictureLayout) {
  const colours = ["", "grey", "grey and opacity", "RGB", "RGB and opacity"][channels] ?? "";
  const streams = [`picture ${width}x${height} ${bits}-bit ${colours}`];
  return { path, width, height, rotation: ROTATIONS[orientation] ?? 0, streams };
}

/** Of pictures that are shown without a video: RGB, as sRGB has it. */
function samplesOf({ bits, channels }: PictureLayout): SampleFormat {
  const hasOpacity = channels % 2 === 0;
  const pixelFormat = bits === 16 ? (hasOpacity ? "rgba64le" : "rgb48le") : hasOpacity ? "rgba" : "rgb24";
  return { pixelFormat, range: "full", matrix: 0, primaries: 1, transfer: 13, chromaLocation: 0 };
}

function loadOf({ width, height, bits, bytes }: PictureFile): PictureLoad {
  return { width, height, sampleBytes: bits === 16 ? 2 : 1, fileBytes: bytes.length };
}

/** What a picture may take. */
type PictureLimits = Pick<SourceOptions, "memory"> & { readonly maxPixels: number };

/** A picture file, and when it is shown. */
interface TimedFile extends FrameTime {
  readonly path: string;
}

/** Decodes picture files, one after the other. */
class PictureReader implements FrameReader {
  readonly #files: readonly TimedFile[];
  readonly #limits: PictureLimits;
  readonly #damaged: string[] = [];
  #damage: string | undefined;
  #next = 0;

  /** @param damage What is known of it already. */
  constructor(files: readonly TimedFile[], limits: PictureLimits, damage?: string) {
    [this.#files, this.#limits, this.#damage] = [files, limits, damage];
  }

  get damage(): string | undefined {
    const [first, ...others] = this.#damaged;
    if (this.#files.length === 1 || first === undefined) return this.#damage;
    const more = others.length > 0 ? `, and ${others.length} more pictures are damaged` : "";
    return `${first}: ${this.#damage}${more}`;
  }

  async next(): Promise<Frame | undefined> {
    const file = this.#files[this.#next++];
    if (file === undefined) return undefined;
    const { path, ...time } = file;
    const { maxPixels, memory } = this.#limits;
    const picture = await readPictureFile(path, maxPixels, memory);
    planJobMemory(path, loadOf(picture), memory);
    const { samples, damage } = await decodePicture(path, picture, maxPixels);
    if (damage !== undefined) {
      this.#damage ??= damage;
      this.#damaged.push(basename(path));
    }
    const { width, height, channels } = picture;
    return { ...toRgb(samples, channels), width, height, ...time };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Between two calls no file is open.
  }
}
