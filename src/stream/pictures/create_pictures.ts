import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Region } from "../../crop_picture.ts";
import { MediaError } from "../../errors.ts";
import type { Frame, FrameSink } from "../../frame.ts";
import { type PictureFormat, pictureFormatOf, writtenName } from "../../media_name.ts";
import { guardWrite, PartFile } from "../../part_file.ts";
import { type FrameWriter, OwnedSink } from "../owned_sink.ts";
import type { SinkOptions } from "../sink_options.ts";
import { describeGaps } from "./describe_gaps.ts";
import { encodePicture, type EncodePictureOptions } from "./encode_picture.ts";

/** Options of {@linkcode createPicture}. */
export interface CreatePictureOptions extends SinkOptions {
  /** Picture file whose metadata is copied, and whose depth, channels and size decide how the new one is stored. */
  readonly copy: string;
  /** The part of it, as stored, that the new one shows. @default {all of it} */
  readonly region?: Region | undefined;
}

/**
 * Starts writing one picture: format by its name, depth, opacity, colour profile, EXIF and orientation of the picture that
 * is copied from. It grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the output exists (without `overwrite`), is that picture, or cannot be written there.
 */
export async function createPicture(path: string, options: CreatePictureOptions): Promise<FrameSink> {
  const format = formatOf(path);
  const { copy, overwrite = false, lossless = false, region } = options;
  const part = await PartFile.create(path, { inputs: [copy], overwrite });
  const place = () => ({ from: copy, to: part.partPath, name: path, format });
  return new OwnedSink(path, part, new PictureWriter(place, { lossless, region }));
}

/** Options of {@linkcode createSequence}. */
export interface CreateSequenceOptions extends SinkOptions {
  /** Folder of the pictures whose metadata is copied, and their names in it: that of a frame is at its `pts`. */
  readonly copy: { readonly folder: string; readonly names: readonly string[] };
  /** The part of each of them, as stored, that the new ones show. @default {all of it} */
  readonly region?: Region | undefined;
}

/**
 * Starts writing a folder of pictures, each named, and stored, like the picture that is copied from.
 * The folder grows as `NAME.part` and gets its name when `frames` is closed.
 *
 * @throws {MediaError} if the folder exists (without `overwrite`), is that of the pictures, or cannot be made there.
 */
export async function createSequence(path: string, options: CreateSequenceOptions): Promise<FrameSink> {
  const { copy: { folder, names }, overwrite = false, lossless = false, region } = options;
  const written = names.map(writtenName);
  const twice = written.find((name, i) => written.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new MediaError(folder, `Two of its pictures would become "${twice}". Rename one`);
  }
  const part = await PartFile.create(path, { inputs: [folder], overwrite, folder: true });
  const place = ({ pts }: Frame) => {
    const name = names[Number(pts)];
    if (name === undefined) {
      throw new MediaError(folder, `There is no picture for frame ${pts}: the folder has ${names.length}`);
    }
    const to = join(part.partPath, writtenName(basename(name)));
    return { from: join(folder, name), to, name: to, format: formatOf(to) };
  };
  return new OwnedSink(path, part, new PictureWriter(place, { lossless, region }, describeGaps(names)));
}

function formatOf(path: string): PictureFormat {
  const format = pictureFormatOf(path);
  if (format === undefined) {
    throw new MediaError(path, "No picture format has this extension. Use .png, .jpg, .webp, .avif or .tif");
  }
  return format;
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
  readonly #losses: Set<string>;
  readonly #place: (frame: Frame) => PicturePlace;
  readonly #how: Pick<EncodePictureOptions, "lossless" | "region">;

  /** @param notes What is known before the first picture. */
  constructor(
    place: (frame: Frame) => PicturePlace,
    how: Pick<EncodePictureOptions, "lossless" | "region">,
    notes: readonly string[] = [],
  ) {
    [this.#place, this.#how] = [place, how];
    this.#losses = new Set(notes);
  }

  get notes(): readonly string[] {
    return [...this.#losses];
  }

  async write(frame: Frame): Promise<void> {
    const { from, to, name, format } = this.#place(frame);
    const { bytes, losses } = await encodePicture(frame, { source: from, format, ...this.#how });
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
