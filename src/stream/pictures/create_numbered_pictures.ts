import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSink, MediaInfo } from "../../frame.ts";
import { type NumberedPictures, numberedPictures } from "../../media_name.ts";
import { guardWrite, PartFile, refuseInput } from "../../part_file.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import type { SinkOptions } from "../sink_options.ts";
import { encodeFrame } from "./encode_picture.ts";

/** Options of {@linkcode createNumberedPictures}. */
export interface CreateNumberedPicturesOptions extends Pick<SinkOptions, "lossless" | "overwrite"> {
  /** The video whose frames are written. */
  readonly source: MediaInfo;
}

/** Transfer characteristics of HDR: PQ and HLG. */
const HDR_TRANSFERS = [16, 18];

/**
 * Starts writing each frame of a video as a picture of a folder, numbered from 1, turned as a player would show it. The folder grows as
 * `NAME.part` and gets its name when `frames` is closed; one that exists may be empty.
 *
 * @param path the folder, and a pattern of names in it: "frames/%06d.png"
 * @throws {MediaError} if the folder holds something (without `overwrite`), or cannot be made there, or if the video is HDR.
 */
export async function createNumberedPictures(
  path: string,
  { source, lossless = false, overwrite = false }: CreateNumberedPicturesOptions,
): Promise<FrameSink> {
  const pictures = patternOf(path);
  const { folder } = pictures;
  if (HDR_TRANSFERS.includes(source.samples?.transfer ?? 0)) {
    throw new MediaError(
      path,
      "The video is HDR, which pictures do not keep. Write a video, or convert it to SDR first",
    );
  }
  const isEmpty = await readdir(folder).then(({ length }) => length === 0, () => false);
  if (resolve(folder) === resolve(".")) {
    throw new MediaError(
      path,
      "Numbered pictures need a folder of their own. Use a name such as frames/%06d.png",
    );
  }
  await refuseInput(folder, [source.path]);
  const part = await PartFile.create(folder, { overwrite: overwrite || isEmpty, folder: true });
  const sink = new OwnedSink(folder, part, new NumberedWriter(part.partPath, pictures, { source, lossless }));
  return {
    frames: sink.frames,
    get notes() {
      return sink.notes;
    },
    finishAs: (partial) => sink.finishAs(patternOf(partial).folder),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}

function patternOf(path: string): NumberedPictures {
  const pictures = numberedPictures(path);
  if (pictures !== undefined) return pictures;
  throw new MediaError(path, "This is no pattern of names. Use one such as frames/%06d.png");
}

/** Writes each frame to a picture file of its own. */
class NumberedWriter implements FrameWriter {
  readonly #folder: string;
  readonly #pictures: NumberedPictures;
  readonly #source: MediaInfo;
  readonly #lossless: boolean;
  readonly #losses = new Set<string>();
  #written = 0;
  #size = { width: 0, height: 0 };

  /** @param folder where the pictures are written, whatever it is called in the end */
  constructor(
    folder: string,
    pictures: NumberedPictures,
    { source, lossless }: { readonly source: MediaInfo; readonly lossless: boolean },
  ) {
    [this.#folder, this.#pictures, this.#source, this.#lossless] = [folder, pictures, source, lossless];
  }

  get notes(): readonly string[] {
    const { streams, frameRate, pixelAspect } = this.#source;
    const video = streams.findIndex((stream) => stream.startsWith("video "));
    const others = streams.map((stream, i) => `Stream ${i} (${stream}) is left out: pictures do not hold it`)
      .filter((_, i) => i !== video);
    const rate = frameRate === undefined
      ? ""
      : `: --fps ${Number(frameRate.toFixed(3))} makes them a video as fast as it was`;
    return [
      `Pictures have no times${rate}`,
      ...others,
      ...(pixelAspect === undefined
        ? []
        : [`Pixels are ${pixelAspect.toFixed(3)} times as wide as high; those of pictures are square`]),
      ...this.#losses,
    ];
  }

  async write(frame: Frame): Promise<void> {
    const { format, nameOf } = this.#pictures;
    const name = nameOf(this.#written + 1);
    const { bytes, losses } = await encodeFrame(frame, {
      format,
      lossless: this.#lossless,
      rotation: this.#source.rotation,
    });
    const to = join(this.#folder, name);
    await guardWrite(to, () => writeFile(to, bytes));
    for (const loss of losses) this.#losses.add(loss);
    const isTurned = this.#source.rotation % 180 !== 0;
    const { width, height } = frame;
    this.#size = isTurned ? { width: height, height: width } : { width, height };
    this.#written++;
  }

  async finish(): Promise<void> {
    // Every picture is whole once it is written.
  }

  async findDifferences(): Promise<readonly string[]> {
    const { width, height } = this.#size;
    const found = (await readdir(this.#folder)).length;
    const wrong = found === this.#written
      ? []
      : [`it holds ${found} pictures, and ${this.#written} were written`];
    for (let number = 1; number <= this.#written; number++) {
      const name = this.#pictures.nameOf(number);
      const is = await sharp(join(this.#folder, name)).metadata().catch(() => undefined);
      if (is?.width !== width || is.height !== height) {
        wrong.push(`${name} is not a picture of ${width}x${height}`);
      }
    }
    const stale = await this.#olderPictures();
    if (stale > 0) {
      this.#losses.add(`${stale} pictures with higher numbers, of an earlier run, are in the folder still`);
    }
    return wrong;
  }

  /** Pictures of the same pattern that the new ones do not replace. */
  async #olderPictures(): Promise<number> {
    const names = new Set(await readdir(this.#pictures.folder).catch((): string[] => []));
    let count = 0;
    while (names.has(this.#pictures.nameOf(this.#written + count + 1))) count++;
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Between two calls no file is open.
  }
}
