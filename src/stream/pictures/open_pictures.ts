import { join } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../../frame.ts";
import { listMedia } from "../../list_media.ts";
import { type FrameReader, OwnedSource } from "../owned_source.ts";
import { checkRange, type FrameTime, MAX_PIXELS, type SourceOptions } from "../source_options.ts";
import { decodePicture, type PictureLayout, readPictureFile } from "./picture_file.ts";
import { toRgb } from "./samples.ts";

/** Frames a second of a folder of pictures, which does not say. */
const SEQUENCE_RATE = 25;

/** Clockwise degrees for EXIF orientations 1 to 8; for mirrored ones the nearest rotation. */
const ROTATIONS: readonly number[] = [0, 0, 0, 180, 180, 90, 90, 270, 270];

/**
 * Opens a picture file. `frames` delivers one frame, of 16 bits where the file has them, with its opacity, not
 * rotated and in the file's own colour profile.
 *
 * @throws {MediaError} if it is no picture, or too large.
 */
export async function openPicture(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { maxPixels = MAX_PIXELS, signal } = options;
  signal?.throwIfAborted();
  const first = await readPictureFile(path, maxPixels);
  signal?.throwIfAborted();
  const info: MediaInfo = {
    ...describePicture(path, first),
    kind: "picture",
    timeBase: { num: 1, den: 1 },
    frames: 1,
  };
  return new OwnedSource(info, new PictureReader([{ path, pts: 0n, duration: 0n }], maxPixels), { signal });
}

/**
 * Opens a folder of pictures as a sequence at 25 frames a second, in the order of the numbers in their names. Other
 * files are skipped; the pictures may differ in size.
 *
 * @throws {MediaError} if the folder holds no picture, or none in the range.
 * @throws {RangeError} if `start` is negative, `duration` is not positive, or either is not a number.
 */
export async function openSequence(path: string, options: SourceOptions = {}): Promise<FrameSource> {
  const { start = 0, duration, maxPixels = MAX_PIXELS, signal } = options;
  checkRange(options);
  signal?.throwIfAborted();
  const pictures = await listMedia(path, ["picture"]);
  if (pictures.length === 0) {
    throw new MediaError(path, "There are no pictures in this folder. Use PNG, JPEG, WebP or TIFF files");
  }
  const from = Math.ceil(start * SEQUENCE_RATE - 1e-9);
  const until = duration === undefined ? undefined : Math.ceil((start + duration) * SEQUENCE_RATE - 1e-9);
  const files = pictures.map((name, i) => ({ path: join(path, name), pts: BigInt(i), duration: 1n }))
    .slice(from, until);
  const [first] = files;
  if (first === undefined) {
    const seconds = pictures.length / SEQUENCE_RATE;
    throw new MediaError(
      path,
      `None of its ${pictures.length} pictures is in this range: they last ${seconds} s`,
    );
  }
  const layout = await readPictureFile(first.path, maxPixels);
  signal?.throwIfAborted();
  const info: MediaInfo = {
    ...describePicture(path, layout),
    kind: "sequence",
    timeBase: { num: 1, den: SEQUENCE_RATE },
    frameRate: SEQUENCE_RATE,
    frames: files.length,
    seconds: files.length / SEQUENCE_RATE,
    pictures,
    ...((from > 0 || duration !== undefined) &&
      { range: { start, ...(duration !== undefined && { duration }) } }),
  };
  return new OwnedSource(info, new PictureReader(files, maxPixels), { signal });
}

function describePicture(path: string, { width, height, bits, channels, orientation }: PictureLayout) {
  const colours = ["", "grey", "grey and opacity", "RGB", "RGB and opacity"][channels] ?? "";
  const streams = [`picture ${width}x${height} ${bits}-bit ${colours}`];
  return { path, width, height, rotation: ROTATIONS[orientation] ?? 0, streams };
}

/** A picture file, and when it is shown. */
interface TimedFile extends FrameTime {
  readonly path: string;
}

/** Decodes picture files, one after the other. */
class PictureReader implements FrameReader {
  readonly #files: readonly TimedFile[];
  readonly #maxPixels: number;
  #next = 0;

  constructor(files: readonly TimedFile[], maxPixels: number) {
    [this.#files, this.#maxPixels] = [files, maxPixels];
  }

  async next(): Promise<Frame | undefined> {
    const file = this.#files[this.#next++];
    if (file === undefined) return undefined;
    const { path, ...time } = file;
    const picture = await readPictureFile(path, this.#maxPixels);
    const stored = await decodePicture(path, picture, this.#maxPixels);
    const { width, height, channels } = picture;
    return { ...toRgb(stored, channels), width, height, ...time };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Between two calls no file is open.
  }
}
