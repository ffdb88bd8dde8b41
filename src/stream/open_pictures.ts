import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MediaError } from "../errors.ts";
import type { Frame, FrameSource, MediaInfo } from "../frame.ts";
import { pictureFormatOf } from "../media_name.ts";
import { MAX_PIXELS, type OpenVideoOptions } from "./open_video.ts";
import { decodePicture, type PictureFile, type PictureLayout, readPictureFile } from "./picture_file.ts";
import { toRgb } from "./samples.ts";

/** Frames a second of a folder of pictures, which does not say. */
const SEQUENCE_RATE = 25;

/** Decoded pictures waiting to be taken. */
const HIGH_WATER_MARK = 1;

/** Clockwise degrees for EXIF orientations 1 to 8; mirrored ones are as near as turning gets. */
const ROTATIONS: readonly number[] = [0, 0, 0, 180, 180, 90, 90, 270, 270];

/**
 * Opens a picture file. `frames` delivers one frame, of 16 bits where the file has them, with its opacity, not
 * turned and in the file's own colour profile.
 *
 * @throws {MediaError} if it is no picture, or too large.
 */
export async function openPicture(path: string, options: OpenVideoOptions = {}): Promise<FrameSource> {
  const first = await readPictureFile(path, options.maxPixels ?? MAX_PIXELS);
  const info: MediaInfo = {
    ...describePicture(path, first),
    kind: "picture",
    timeBase: { num: 1, den: 1 },
    frames: 1,
  };
  return new PictureSource(info, [path], 0, options);
}

/**
 * Opens a folder of pictures as a sequence at 25 frames a second, in the order of the numbers in their names. Other
 * files are passed over; the pictures may differ in size.
 *
 * @throws {MediaError} if the folder holds no picture.
 */
export async function openSequence(path: string, options: OpenVideoOptions = {}): Promise<FrameSource> {
  const { start = 0, duration } = options;
  const all = await listPictures(path);
  const from = Math.ceil(start * SEQUENCE_RATE - 1e-9);
  const until = duration === undefined ? all.length : Math.ceil((start + duration) * SEQUENCE_RATE - 1e-9);
  const wanted = all.slice(from, until);
  const [name] = wanted;
  if (name === undefined) {
    throw new MediaError(path, `None of its ${all.length} pictures is in the wanted range`);
  }
  const first = await readPictureFile(join(path, name), options.maxPixels ?? MAX_PIXELS);
  const info: MediaInfo = {
    ...describePicture(path, first),
    kind: "sequence",
    timeBase: { num: 1, den: SEQUENCE_RATE },
    frameRate: SEQUENCE_RATE,
    frames: wanted.length,
    seconds: wanted.length / SEQUENCE_RATE,
    ...((from > 0 || duration !== undefined) &&
      { range: { start, ...(duration !== undefined && { duration }) } }),
  };
  return new PictureSource(info, wanted.map((file) => join(path, file)), from, options);
}

/**
 * Names of the pictures in a folder, in the order of the numbers in them: a frame's `pts` is its place here.
 *
 * @throws {MediaError} if there is none.
 */
export async function listPictures(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new MediaError(folder, "Cannot read this folder; wanted a folder of pictures", { cause });
  });
  const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .filter((name) => pictureFormatOf(name) !== undefined);
  if (names.length === 0) {
    throw new MediaError(
      folder,
      "There are no pictures in this folder; wanted PNG, JPEG, WebP or TIFF files, or a video file",
    );
  }
  return names.sort(new Intl.Collator("en", { numeric: true }).compare);
}

function describePicture(path: string, { width, height, bits, channels, orientation }: PictureLayout) {
  const colours = ["", "grey", "grey and opacity", "RGB", "RGB and opacity"][channels] ?? "";
  const streams = [`picture ${width}x${height} ${bits}-bit ${colours}`];
  return { path, width, height, rotation: ROTATIONS[orientation] ?? 0, streams };
}

class PictureSource implements FrameSource {
  readonly info: MediaInfo;
  readonly frames: ReadableStream<Frame>;
  #fail: ((error: unknown) => void) | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.#fail?.(this.#signal?.reason);

  constructor(info: MediaInfo, files: readonly string[], firstPts: number, options: OpenVideoOptions) {
    this.info = info;
    const { signal, maxPixels = MAX_PIXELS } = options;
    this.#signal = signal;
    signal?.throwIfAborted();
    let next = 0;
    this.frames = new ReadableStream<Frame>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: async (controller) => {
        const path = files[next];
        if (path === undefined) return controller.close();
        const decoding = decode(path, maxPixels);
        this.#busy = decoding;
        const picture = await decoding;
        const timed = {
          ...picture,
          pts: BigInt(firstPts + next++),
          duration: info.kind === "sequence" ? 1n : 0n,
        };
        if (!signal?.aborted) controller.enqueue(timed);
      },
    }, { highWaterMark: HIGH_WATER_MARK });
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#fail?.(new MediaError(this.info.path, "The source was disposed"));
    // A file that is being read stays open until it has been. Its failure was the stream's, already told.
    await this.#busy.catch(() => {});
  }
}

async function decode(path: string, maxPixels: number) {
  const file: PictureFile = await readPictureFile(path, maxPixels);
  const stored = await decodePicture(path, file, maxPixels);
  return { ...toRgb(stored, file.channels), width: file.width, height: file.height };
}
