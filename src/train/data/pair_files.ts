import { basename, extname, join, parse } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { kindByName } from "../../media_name.ts";
import { listDataFolder } from "./list_data_folder.ts";
import { pictureSize, readPicture } from "./picture_file.ts";

/** Folders of blurry pictures: `blur` holds plain means of frames, `blur_gamma` means taken in linear light (GoPro's names). */
export const BLUR_KINDS = ["blur", "blur_gamma"] as const;

/** A name from {@linkcode BLUR_KINDS}. */
export type BlurKind = typeof BLUR_KINDS[number];

/** Whether a folder has the name of one of blurry pictures: such a folder never holds sharp photos. */
export function isBlurFolder(name: string): boolean {
  return BLUR_KINDS.some((kind) => kind === name);
}

/** Paths of a blurry picture and of its sharp counterpart. */
export interface PairFiles {
  /** Sequence and file name without extension: `GOPR0372_07_00/000103`. */
  readonly name: string;
  /** Path of the blurry picture. */
  readonly blurry: string;
  /** Path of the sharp picture. */
  readonly sharp: string;
}

/** A blurry picture and its sharp counterpart, of the same size. */
export interface TrainingPair {
  /** What the camera recorded while it moved. */
  readonly blurry: Picture;
  /** What it would have recorded at rest. */
  readonly sharp: Picture;
}

/** Options of {@linkcode listPairs}. */
export interface ListPairsOptions {
  /** Which blurry pictures of GoPro's layout to use. @default {"blur"} */
  readonly blur?: BlurKind;
  /** Decode every picture to its end, which also finds truncated ones, instead of only its header. @default {false} */
  readonly decode?: boolean;
}

type Size = Pick<Picture, "width" | "height">;

const PICTURE_EXTENSIONS = new Set([".png", ".webp"]);
/** Pictures that {@linkcode kindByName} does not know; they are refused like those that it knows. */
const OTHER_PICTURES = /\.(?:bmp|jfif|jpe|heif|jxl|jp2|ppm|pgm|pnm|tga|exr|dng)$/i;

/**
 * Lists the pairs of a folder: `SEQUENCE/{blur,blur_gamma,sharp}/NAME.png` like the GoPro dataset, at any depth, or `blur/` and
 * `sharp/` in the folder itself. PNG and (lossless) WebP; the pictures of a pair may differ in format. Every picture is read before
 * this resolves, so that a bad one is found at the start.
 *
 * @returns At least one pair, sorted by name.
 * @throws {MediaError} naming a picture or folder without its counterpart, two pictures of different sizes, a picture that cannot be
 * read or is in another format, or a folder without pairs.
 */
export async function listPairs(directory: string, options: ListPairsOptions = {}): Promise<PairFiles[]> {
  const blur = options.blur ?? "blur";
  const pairs = await findPairs(directory, "", blur);
  if (pairs.length === 0) {
    throw new MediaError(
      directory,
      `There are no pairs in this folder. Pairs are PNG or WebP pictures of the same names in folders "${blur}" and "sharp"`,
    );
  }
  const read = options.decode === true ? readPicture : pictureSize;
  for (const pair of pairs) await checkPair(pair, read);
  return pairs;
}

/**
 * Reads both pictures of a pair that {@linkcode listPairs} found.
 *
 * @throws {MediaError} if one cannot be decoded.
 */
export async function readPair(pair: PairFiles): Promise<TrainingPair> {
  const [blurry, sharp] = await Promise.all([readPicture(pair.blurry), readPicture(pair.sharp)]);
  return { blurry, sharp };
}

async function findPairs(directory: string, sequence: string, blur: BlurKind): Promise<PairFiles[]> {
  const folders = await subfolders(directory);
  if (isSequence(folders)) return await pairsOfSequence(directory, folders, sequence, blur);
  const pairs: PairFiles[] = [];
  for (const folder of folders) {
    const below = sequence === "" ? folder : `${sequence}/${folder}`;
    for (const pair of await findPairs(join(directory, folder), below, blur)) pairs.push(pair);
  }
  return pairs;
}

/** Whether a folder with these entries is a sequence of pairs, whichever blurry pictures are used. */
export function isSequence(entries: readonly string[]): boolean {
  return entries.some((name) => name === "sharp" || isBlurFolder(name));
}

/** Names of the folders in a folder, sorted. @throws {MediaError} as {@linkcode listDataFolder} does. */
export async function subfolders(directory: string): Promise<string[]> {
  return (await listDataFolder(directory)).flatMap(({ name, kind }) => kind === "folder" ? [name] : []);
}

async function pairsOfSequence(
  directory: string,
  folders: readonly string[],
  sequence: string,
  blur: BlurKind,
): Promise<PairFiles[]> {
  const present = folders.filter((name) => isSequence([name])).join(" and ");
  for (const needed of ["sharp", blur]) {
    if (folders.includes(needed)) continue;
    throw new MediaError(join(directory, needed), `This folder is missing, beside ${present}`);
  }
  const blurry = await picturesByName(join(directory, blur));
  const sharp = await picturesByName(join(directory, "sharp"));
  for (const [name, path] of blurry) {
    if (sharp.has(name)) continue;
    throw new MediaError(path, `Its sharp counterpart "${name}" is missing in ${join(directory, "sharp")}`);
  }
  return [...sharp].map(([name, path]) => {
    const counterpart = blurry.get(name);
    if (counterpart === undefined) {
      throw new MediaError(path, `Its blurry counterpart "${name}" is missing in ${join(directory, blur)}`);
    }
    return { name: sequence === "" ? name : `${sequence}/${name}`, blurry: counterpart, sharp: path };
  });
}

/**
 * Paths of the PNG and WebP pictures of a folder by name without extension, sorted. Files that are no pictures are skipped.
 *
 * @throws {MediaError} naming a picture in another format (skipped, it would be missing from the data unnoticed), or two of the
 * same name.
 */
export async function picturesByName(directory: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const { name: file, path, kind } of await listDataFolder(directory)) {
    if (kind !== "file") continue;
    if (!PICTURE_EXTENSIONS.has(extname(file).toLowerCase())) {
      if (!isOtherPicture(file)) continue;
      const why = "is neither PNG nor WebP. Convert it from its source: JPEG loses what pairs teach";
      throw new MediaError(path, `This picture ${why}`);
    }
    const { name } = parse(file);
    const other = paths.get(name);
    if (other !== undefined) {
      throw new MediaError(path, `It has the same name as ${basename(other)}. Rename or remove one of them`);
    }
    paths.set(name, path);
  }
  return paths;
}

function isOtherPicture(file: string): boolean {
  const kind = kindByName(file);
  return kind !== undefined && kind !== "video" || OTHER_PICTURES.test(file);
}

async function checkPair(pair: PairFiles, read: (path: string) => Promise<Size>): Promise<void> {
  const [blurry, sharp] = [await read(pair.blurry), await read(pair.sharp)];
  if (blurry.width === sharp.width && blurry.height === sharp.height) return;
  throw new MediaError(
    pair.blurry,
    `It is ${blurry.width} x ${blurry.height}, but its counterpart ${pair.sharp} is ${sharp.width} x ${sharp.height}`,
  );
}
