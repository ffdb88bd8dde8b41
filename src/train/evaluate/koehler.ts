import { join } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { align, type AlignOptions } from "./align.ts";
import { picturesByName, subfolders } from "../data/pair_files.ts";
import { pictureSize, readPicture } from "../data/picture_file.ts";
import { psnr, ssim } from "./metrics.ts";

/** One blurry picture of Köhler's benchmark and the sharp frames of its camera's trajectory. */
export interface TrajectoryFiles {
  /** Name of the blurry picture, without extension. */
  readonly name: string;
  /** Path of the blurry picture. */
  readonly blurry: string;
  /** In file order; at least one. */
  readonly references: readonly string[];
}

/** How close a picture is to its trajectory: the best score over the references, of each measure separately. */
export interface TrajectoryScore {
  /** Decibels. */
  readonly psnr: number;
  readonly ssim: number;
  /** Index of the reference with the best PSNR. */
  readonly best: number;
}

/** Options of {@linkcode listTrajectories}. */
export interface ListTrajectoriesOptions {
  /** Decode every picture to its end, which also finds truncated ones, instead of only its header. @default {false} */
  readonly decode?: boolean;
}

const LAYOUT = "The layout is blur/NAME.png with the frames of its trajectory in sharp/NAME/*.png";

/**
 * Lists the pictures of Köhler's benchmark: `blur/NAME.png` with its trajectory in `sharp/NAME/*.png` (any names, WebP too).
 * Every picture is read before this resolves. Other files beside the folders in `sharp/` are ignored.
 *
 * @returns At least one, sorted by name.
 * @throws {MediaError} naming a picture without references, references without a picture, a picture of another size or one that
 * cannot be read, or a folder without pictures.
 */
export async function listTrajectories(
  directory: string,
  options: ListTrajectoriesOptions = {},
): Promise<TrajectoryFiles[]> {
  const parts = await subfolders(directory);
  for (const part of ["blur", "sharp"]) {
    if (!parts.includes(part)) {
      throw new MediaError(directory, `There is no folder "${part}" in it. ${LAYOUT}`);
    }
  }
  const sharp = join(directory, "sharp");
  const blurry = await picturesByName(join(directory, "blur"));
  const folders = await subfolders(sharp);
  const read = options.decode === true ? readPicture : pictureSize;
  const trajectories: TrajectoryFiles[] = [];
  for (const [name, path] of blurry) {
    const references = folders.includes(name) ? [...(await picturesByName(join(sharp, name))).values()] : [];
    if (references.length === 0) {
      throw new MediaError(path, `Its reference pictures are missing in ${join(sharp, name)}`);
    }
    trajectories.push({ name, blurry: path, references });
  }
  const unmatched = folders.find((folder) => !blurry.has(folder));
  if (unmatched !== undefined) {
    throw new MediaError(
      join(sharp, unmatched),
      `Its blurry picture "${unmatched}" is missing in ${join(directory, "blur")}`,
    );
  }
  if (trajectories.length === 0) {
    throw new MediaError(directory, `There are no pictures in it. ${LAYOUT}`);
  }
  for (const { blurry, references } of trajectories) {
    const size = await read(blurry);
    for (const reference of references) refuseOtherSize(reference, await read(reference), size);
  }
  return trajectories;
}

/**
 * Scores pictures like Köhler et al. (2012): each picture is aligned to each reference ({@linkcode align}), and the best score counts.
 * References are decoded one at a time.
 *
 * @param pictures Pictures of the size of the references.
 * @returns A score for each picture.
 * @throws {MediaError} if a reference cannot be read or is of another size.
 */
export async function scoreOnTrajectory(
  pictures: readonly Picture[],
  references: readonly string[],
  options: AlignOptions & { readonly signal?: AbortSignal } = {},
): Promise<TrajectoryScore[]> {
  const scores = pictures.map(() => ({ psnr: -Infinity, ssim: -Infinity, best: -1 }));
  for (const [index, path] of references.entries()) {
    options.signal?.throwIfAborted();
    const reference = await readPicture(path);
    pictures.forEach((picture, i) => {
      refuseOtherSize(path, reference, picture);
      const aligned = align(picture, reference, options);
      const [score, found] = [scores[i], psnr(aligned.picture, aligned.reference)];
      if (score === undefined) return;
      score.ssim = Math.max(score.ssim, ssim(aligned.picture, aligned.reference));
      if (found > score.psnr) [score.psnr, score.best] = [found, index];
    });
  }
  return scores;
}

type Size = Pick<Picture, "width" | "height">;

function refuseOtherSize(path: string, { width, height }: Size, blurry: Size): void {
  if (width === blurry.width && height === blurry.height) return;
  const why = `It is ${width} x ${height}, but its blurry picture is ${blurry.width} x ${blurry.height}`;
  throw new MediaError(path, why);
}
