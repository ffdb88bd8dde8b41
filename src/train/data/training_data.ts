import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { MediaError } from "../../errors.ts";
import { kindByName, kindInFolder, type NamedKind } from "../../media_name.ts";
import { extractFrames } from "./extract_frames.ts";
import { hashFile } from "../../hash_file.ts";
import { listDataFolder } from "./list_data_folder.ts";
import { type BlurKind, isBlurFolder, isSequence, listPairs, type PairFiles } from "./pair_files.ts";
import { pictureSize, readPicture } from "./picture_file.ts";

/** The data that a network is trained on; every file has been decoded once. */
export interface TrainingData {
  /** Blurry and sharp pictures. */
  readonly pairs: readonly PairFiles[];
  /** Paths of sharp pictures, on which blur is synthesised. */
  readonly photos: readonly string[];
  /** One line per file: its SHA-256, what it is, and its path relative to the folder that was given. */
  readonly list: string;
  /** SHA-256 of `list`: runs with the same hash are trained on the same bytes. */
  readonly sha256: string;
  /** Path of every file by its SHA-256; of copies, the path of the first. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Options of {@linkcode findTrainingData}. */
export interface TrainingDataOptions {
  /** Side of the crops, in pixels; smaller pictures are refused. */
  readonly crop: number;
  /** Folder that frames of videos are extracted to. */
  readonly framesDirectory: string;
  /** Which blurry pictures of pairs to use. @default {"blur"} */
  readonly blur?: BlurKind;
  /** Use every n-th frame of a video. @default {two frames per second} */
  readonly every?: number;
  /** Pictures and videos to exclude: paths, or names without a folder. */
  readonly exclude?: readonly string[];
  /** Stops the search with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Finds training data. A path is a photo, a video, or a folder. Folders with `blur/`, `blur_gamma/` or `sharp/` in them, at any depth,
 * are pairs, and everything else in them is skipped; all other pictures and videos are sharp photos. Files of other kinds are
 * skipped.
 *
 * @throws {MediaError} naming what cannot be used: a picture without its counterpart, a folder of blurry pictures, pictures of
 * different sizes, a damaged picture or video, one smaller than the crops, a broken link, a folder without data, an exclusion that
 * matches nothing.
 */
export async function findTrainingData(
  paths: readonly string[],
  options: TrainingDataOptions,
): Promise<TrainingData> {
  const exclude = new Exclusion(options.exclude ?? []);
  const found: Found = { pairs: [], photos: [], lines: [], paths: new Map() };
  for (const path of paths) {
    const root = await scan(path);
    if (root.files.length === 0 && !root.hasPairs) {
      throw new MediaError(path, "There is no training data here. Use pairs, photos or videos");
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
      for (const photo of await extractFrames(file, options.framesDirectory, options)) {
        await addPhoto(photo, `${name}/${basename(photo)}`, found, options);
      }
    }
  }
  exclude.refuseUnused();
  if (found.pairs.length + found.photos.length === 0) {
    throw new MediaError(paths.join(", "), "All training data is excluded. Exclude less");
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
    const why = `It is ${width} x ${height}, too small for crops of ${crop} x ${crop}`;
    throw new MediaError(path, `${why}. Exclude it, or use smaller crops`);
  }
}

async function note(path: string, kind: string, name: string, { lines, paths }: Found): Promise<void> {
  const hash = await hashFile(path);
  lines.push(`${hash}  ${kind}  ${name}\n`);
  if (!paths.has(hash)) paths.set(hash, path);
}

/** Blurry pictures are refused as photos: a folder of them that is given without its parent folder, or one of its pictures. */
function refuseBlurry(path: string, files: readonly string[]): void {
  const folder = resolve(files.includes(path) ? dirname(path) : path);
  if (files.length === 0 || !isBlurFolder(basename(folder))) return;
  const why = `Its folder is called "${
    basename(folder)
  }", so it holds the blurry pictures of pairs, not sharp photos`;
  throw new MediaError(path, `${why}. Use the parent folder, with "sharp" in it`);
}

/** Relative to the given path, so that the list is the same wherever the data is stored. */
function nameBelow(root: string, path: string): string {
  return relative(root, path).replaceAll("\\", "/") || basename(path);
}

/** The photos and videos of a path, sorted, and whether it has folders of pairs. */
async function scan(path: string): Promise<{ files: string[]; hasPairs: boolean }> {
  const found = await stat(path).catch((cause) => {
    throw new MediaError(path, "This cannot be read. Use a folder, a photo or a video", { cause });
  });
  if (found.isDirectory()) return await scanFolder(path);
  if (isUsable(kindByName(path))) return { files: [path], hasPairs: false };
  throw new MediaError(path, "This is neither a photo nor a video, by its name");
}

async function scanFolder(folder: string): Promise<{ files: string[]; hasPairs: boolean }> {
  const entries = await listDataFolder(folder);
  if (isSequence(entries.map(({ name }) => name))) return { files: [], hasPairs: true };
  const files: string[] = [];
  let hasPairs = false;
  for (const { path, kind } of entries) {
    if (kind === "folder") {
      const below = await scanFolder(path);
      for (const file of below.files) files.push(file);
      hasPairs ||= below.hasPairs;
    } else if (kind === "file" && isUsable(await kindInFolder(path))) files.push(path);
  }
  return { files, hasPairs };
}

function isUsable(kind: NamedKind | undefined): boolean {
  return kind === "picture" || kind === "video";
}

/** Files to exclude. One that matches nothing is a mistake, and would let through what it was meant to keep out. */
class Exclusion {
  readonly #files: ReadonlyMap<string, string>;
  readonly #used = new Set<string>();

  constructor(files: readonly string[]) {
    this.#files = new Map(files.map((file) => [basename(file) === file ? file : resolve(file), file]));
  }

  has(path: string): boolean {
    const keys = [basename(path), resolve(path)].filter((key) => this.#files.has(key));
    for (const key of keys) this.#used.add(key);
    return keys.length > 0;
  }

  refuseUnused(): void {
    for (const [key, file] of this.#files) {
      if (this.#used.has(key)) continue;
      throw new MediaError(file, "It is excluded, but is not in the training data. Check its name");
    }
  }
}
