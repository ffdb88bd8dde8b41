import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { MediaError, messageOf } from "../../errors.ts";
import { kindByName, kindInFolder, type NamedKind } from "../../media_name.ts";
import {
  BLUR_FOLDERS,
  type BlurKind,
  isSequence,
  listPairs,
  type PairFiles,
  pictureSize,
  readPicture,
} from "./pair_files.ts";
import { hashFile } from "./hash_file.ts";
import { isFolder } from "./is_folder.ts";
import { videoPhotos } from "./video_photos.ts";

/** What a network is to learn from; every file has been decoded once. */
export interface TrainingData {
  /** Blurry and sharp pictures. */
  readonly pairs: readonly PairFiles[];
  /** Paths of sharp pictures, on which blur is synthesised. */
  readonly photos: readonly string[];
  /** One line a file: its SHA-256, what it is, and its name below the folder that was given. */
  readonly list: string;
  /** SHA-256 of `list`: two runs with the same one learn from the same bytes. */
  readonly sha256: string;
  /** Where every file is, by its SHA-256; of copies, where the first one is. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Options of {@linkcode findTrainingData}. */
export interface TrainingDataOptions {
  /** Side of the crops, in pixels: a smaller picture is refused. */
  readonly crop: number;
  /** Where frames of videos are written as pictures. */
  readonly framesDirectory: string;
  /** Which blurry pictures of pairs to take. @default {"blur"} */
  readonly blur?: BlurKind;
  /** Take every so many frames of a video. @default {two a second} */
  readonly every?: number;
  /** Pictures and videos to leave out: paths, or names without a folder. */
  readonly exclude?: readonly string[];
  /** Ends the search with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Finds what to learn from. A path is a photo, a video, or a folder: where one holds `blur/`, `blur_gamma/` or `sharp/`, at any
 * depth, these are pairs, and whatever else is in it is passed over; all other pictures and videos are sharp photos. Files of other
 * kinds are passed over.
 *
 * @throws {MediaError} naming what cannot be used: a missing twin, a folder of blurry pictures without their twins, two sizes, a damaged picture or video, one smaller than the
 * crop, a link to nothing, a folder with nothing to learn from, something to leave out that is not there.
 */
export async function findTrainingData(
  paths: readonly string[],
  options: TrainingDataOptions,
): Promise<TrainingData> {
  const exclude = new Exclusion(options.exclude ?? []);
  const found: Found = { pairs: [], photos: [], lines: [], paths: new Map() };
  let videos = 0;
  for (const path of paths) {
    const root = await scan(path);
    if (root.files.length === 0 && !root.hasPairs) {
      throw new MediaError(path, "there is nothing to learn from; wanted pairs, photos or videos");
    }
    refuseBlurry(path, root.files);
    if (root.hasPairs) await addPairs(path, found, exclude, options);
    for (const file of root.files) {
      if (exclude.has(file)) continue;
      const name = nameBelow(path, file);
      if (kindByName(file) === "picture") {
        await addPhoto(file, name, found, options);
        continue;
      }
      const folder = join(options.framesDirectory, `${videos++}-${basename(file)}`);
      for (const photo of await videoPhotos(file, folder, options)) {
        await addPhoto(photo, `${name}/${basename(photo)}`, found, options);
      }
    }
  }
  exclude.refuseUnused();
  if (found.pairs.length + found.photos.length === 0) {
    throw new MediaError(paths.join(", "), "everything is left out; wanted something to learn from");
  }
  const list = found.lines.join("");
  const sha256 = createHash("sha256").update(list).digest("hex");
  return { pairs: found.pairs, photos: found.photos, list, sha256, paths: found.paths };
}

interface Found {
  readonly pairs: PairFiles[];
  readonly photos: string[];
  readonly lines: string[];
  readonly paths: Map<string, string>;
}

async function addPairs(
  path: string,
  found: Found,
  exclude: Exclusion,
  { blur = "blur", crop, signal }: TrainingDataOptions,
): Promise<void> {
  for (const pair of await listPairs(path, { blur, decode: true })) {
    signal?.throwIfAborted();
    const isExcluded = [exclude.has(pair.blurry), exclude.has(pair.sharp)].includes(true);
    if (isExcluded) continue;
    await refuseSmall(pair.sharp, crop);
    found.pairs.push(pair);
    await note(pair.blurry, blur, nameBelow(path, pair.blurry), found);
    await note(pair.sharp, "sharp", nameBelow(path, pair.sharp), found);
  }
}

async function addPhoto(
  path: string,
  name: string,
  found: Found,
  { crop, signal }: TrainingDataOptions,
): Promise<void> {
  signal?.throwIfAborted();
  await readPicture(path);
  await refuseSmall(path, crop);
  found.photos.push(path);
  await note(path, "photo", name, found);
}

async function refuseSmall(path: string, crop: number): Promise<void> {
  const { width, height } = await pictureSize(path);
  if (Math.min(width, height) < crop) {
    throw new MediaError(path, `is ${width} x ${height}, too small for crops of ${crop} x ${crop}`);
  }
}

async function note(path: string, kind: string, name: string, { lines, paths }: Found): Promise<void> {
  const hash = await hashFile(path);
  lines.push(`${hash}  ${kind}  ${name}\n`);
  if (!paths.has(hash)) paths.set(hash, path);
}

/** A folder of blurry pictures that is given without the folder above it, or one of its pictures: not sharp, whatever is said. */
function refuseBlurry(path: string, files: readonly string[]): void {
  const folder = resolve(files.includes(path) ? dirname(path) : path);
  if (files.length === 0 || !BLUR_FOLDERS.includes(basename(folder))) return;
  const wanted = `wanted the folder above, which has "sharp" too`;
  throw new MediaError(path, `is the blurry side of pairs by its name, and no sharp picture; ${wanted}`);
}

/** Independent of where the data lie, so that a list says the same on every machine. */
function nameBelow(root: string, path: string): string {
  return relative(root, path).replaceAll("\\", "/") || basename(path);
}

/** The photos and videos of a path, sorted, and whether there are folders of pairs. */
async function scan(path: string): Promise<{ files: string[]; hasPairs: boolean }> {
  const found = await stat(path).catch((cause) => {
    throw new MediaError(path, "cannot be read; wanted a folder, a photo or a video", { cause });
  });
  if (!found.isDirectory()) {
    if (isUsable(kindByName(path))) return { files: [path], hasPairs: false };
    throw new MediaError(path, "is no photo and no video by its name");
  }
  const all = await readdir(path).catch((cause) => {
    throw new MediaError(path, `cannot be read as a folder: ${messageOf(cause)}`, { cause });
  });
  const entries = all.filter((name) => !name.startsWith(".")).sort();
  if (isSequence(entries)) return { files: [], hasPairs: true };
  const files: string[] = [];
  let hasPairs = false;
  for (const name of entries) {
    const inside = join(path, name);
    if (await isFolder(inside)) {
      const below = await scan(inside);
      for (const file of below.files) files.push(file);
      hasPairs ||= below.hasPairs;
    } else if (isUsable(await kindInFolder(inside))) files.push(inside);
  }
  return { files, hasPairs };
}

function isUsable(kind: NamedKind | undefined): boolean {
  return kind === "picture" || kind === "video";
}

/** Files to leave out. One that was never met is a mistake, and would let through what it was to keep out. */
class Exclusion {
  readonly #left: ReadonlyMap<string, string>;
  readonly #used = new Set<string>();

  constructor(files: readonly string[]) {
    this.#left = new Map(files.map((file) => [basename(file) === file ? file : resolve(file), file]));
  }

  has(path: string): boolean {
    const keys = [basename(path), resolve(path)].filter((key) => this.#left.has(key));
    for (const key of keys) this.#used.add(key);
    return keys.length > 0;
  }

  refuseUnused(): void {
    for (const [key, file] of this.#left) {
      if (!this.#used.has(key)) throw new MediaError(file, "is to be left out, but is not among the data");
    }
  }
}
