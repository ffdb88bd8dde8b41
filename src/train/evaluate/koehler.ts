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

/** How close a picture comes to its trajectory: the best over the references, of each measure on its own. */
export interface TrajectoryScore {
  /** Decibels. */
  readonly psnr: number;
  readonly ssim: number;
  /** Which reference gave the PSNR, from 0. */
  readonly best: number;
}

/** Options of {@linkcode listTrajectories}. */
export interface ListTrajectoriesOptions {
  /** Decode every picture to its end, which finds cut ones too, instead of its header. @default {false} */
  readonly decode?: boolean;
}

const LAYOUT = "blur/NAME.png with their trajectories in sharp/NAME/*.png";

/**
 * Lists the pictures of Köhler's benchmark: `blur/NAME.png` with its trajectory in `sharp/NAME/*.png` (any names, WebP too).
 * Every picture is looked at before this resolves. Other files beside the folders in `sharp/` do not matter.
 *
 * @returns At least one, sorted by name.
 * @throws {MediaError} naming a picture without references, references without a picture, one of another size, one that
 * cannot be read, or no picture.
 */
export async function listTrajectories(
  directory: string,
  options: ListTrajectoriesOptions = {},
): Promise<TrajectoryFiles[]> {
  const parts = await subfolders(directory);
  for (const part of ["blur", "sharp"]) {
    if (!parts.includes(part)) throw new MediaError(directory, `has no folder "${part}"; wanted ${LAYOUT}`);
  }
  const sharp = join(directory, "sharp");
  const blurry = await picturesByName(join(directory, "blur"));
  const folders = await subfolders(sharp);
  const look = options.decode === true ? readPicture : pictureSize;
  const trajectories: TrajectoryFiles[] = [];
  for (const [name, path] of blurry) {
    const references = folders.includes(name) ? [...(await picturesByName(join(sharp, name))).values()] : [];
    if (references.length === 0) {
      throw new MediaError(path, `has no reference pictures in ${join(sharp, name)}`);
    }
    trajectories.push({ name, blurry: path, references });
  }
  const stray = folders.find((folder) => !blurry.has(folder));
  if (stray !== undefined) {
    throw new MediaError(
      join(sharp, stray),
      `has no blurry picture "${stray}" in ${join(directory, "blur")}`,
    );
  }
  if (trajectories.length === 0) {
    throw new MediaError(directory, `no pictures found; wanted ${LAYOUT}`);
  }
  for (const { blurry, references } of trajectories) {
    const size = await look(blurry);
    for (const reference of references) refuseOtherSize(reference, await look(reference), size);
  }
  return trajectories;
}

/**
 * Scores pictures as Köhler et al. (2012) do: against each reference, moved and scaled to it as well as can be
 * ({@linkcode align}), and the best of them all. References are decoded one at a time.
 *
 * @param pictures Any number, of the size of the references; one score each comes back.
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

function refuseOtherSize(path: string, { width, height }: Size, wanted: Size): void {
  if (width === wanted.width && height === wanted.height) return;
  throw new MediaError(path, `is ${width} x ${height}, but its picture ${wanted.width} x ${wanted.height}`);
}
