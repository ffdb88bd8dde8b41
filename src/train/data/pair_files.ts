import { readdir } from "node:fs/promises";
import { basename, extname, join, parse } from "node:path";
import sharp from "sharp";
import { MediaError, messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { kindByName } from "../../media_name.ts";
import { isFolder } from "./is_folder.ts";

/** Folders of blurry pictures: `blur` holds plain means of frames, `blur_gamma` means taken in linear light (GoPro's names). */
export type BlurKind = "blur" | "blur_gamma";

/** Names of the folders that make their parent a sequence of pairs: none of them ever holds photos. */
export const BLUR_FOLDERS: readonly string[] = ["blur", "blur_gamma"] satisfies BlurKind[];

/** Paths of one blurry picture and its sharp twin. */
export interface PairFiles {
  /** Sequence and file name without extension: `GOPR0372_07_00/000103`. */
  readonly name: string;
  /** Path of the blurry picture. */
  readonly blurry: string;
  /** Path of the sharp picture. */
  readonly sharp: string;
}

/** Options of {@linkcode listPairs}. */
export interface ListPairsOptions {
  /** Which blurry pictures of GoPro's layout to take. @default {"blur"} */
  readonly blur?: BlurKind;
  /** Decode every picture to its end, which finds cut ones too, instead of its header. @default {false} */
  readonly decode?: boolean;
}

type Size = Pick<Picture, "width" | "height">;

const PICTURE_EXTENSIONS = new Set([".png", ".webp"]);
/** Other pictures that people have; what {@linkcode kindByName} knows is refused with them. */
const OTHER_PICTURES = /\.(?:bmp|jfif|jpe|heif|jxl|jp2|ppm|pgm|pnm|tga|exr|dng)$/i;

/**
 * Finds the training or test pairs of a folder: `SEQUENCE/{blur,blur_gamma,sharp}/NAME.png` as the GoPro dataset lies on disk,
 * any depth of folders above it, or `blur/` and `sharp/` in the folder itself. PNG and (lossless) WebP; a pair may mix them.
 * Every pair is looked at before this resolves, so that nothing starts that cannot end.
 *
 * @returns At least one pair, sorted by name.
 * @throws {MediaError} naming a missing twin or folder of twins, two pictures of different size, an unreadable picture, one in a format
 * that pairs may not have, or a folder without pairs.
 */
export async function listPairs(directory: string, options: ListPairsOptions = {}): Promise<PairFiles[]> {
  const blur = options.blur ?? "blur";
  const pairs: PairFiles[] = [];
  await findPairs(directory, "", blur, pairs);
  if (pairs.length === 0) {
    throw new MediaError(
      directory,
      `no pairs found; wanted folders "${blur}" and "sharp" with PNG or WebP pictures of the same names, in it or in its sequences`,
    );
  }
  const look = options.decode === true ? readPicture : pictureSize;
  for (const pair of pairs) await checkPair(pair, look);
  return pairs;
}

/**
 * Decodes a PNG, WebP or JPEG picture to 8-bit RGB; opacity is dropped, a camera's rotation mark obeyed.
 *
 * @throws {MediaError} if the file cannot be decoded.
 */
export async function readPicture(path: string): Promise<Picture> {
  try {
    const { data, info } = await sharp(path).rotate().removeAlpha().toColourspace("srgb").raw({
      depth: "uchar",
    })
      .toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  } catch (error) {
    throw new MediaError(path, `cannot be read as a picture: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads both pictures of a pair that {@linkcode listPairs} found.
 *
 * @throws {MediaError} if one cannot be decoded.
 */
export async function readPair(pair: PairFiles): Promise<{ blurry: Picture; sharp: Picture }> {
  const [blurry, sharp] = await Promise.all([readPicture(pair.blurry), readPicture(pair.sharp)]);
  return { blurry, sharp };
}

async function findPairs(
  directory: string,
  sequence: string,
  blur: BlurKind,
  pairs: PairFiles[],
): Promise<void> {
  const folders = await subfolders(directory);
  if (isSequence(folders)) {
    for (const pair of await pairsOfSequence(directory, folders, sequence, blur)) pairs.push(pair);
    return;
  }
  for (const folder of folders) {
    await findPairs(join(directory, folder), sequence === "" ? folder : `${sequence}/${folder}`, blur, pairs);
  }
}

/** Whether a folder with these in it holds pairs, whichever blur is asked for. */
export function isSequence(entries: readonly string[]): boolean {
  return ["sharp", ...BLUR_FOLDERS].some((name) => entries.includes(name));
}

/** Names of the folders in a folder, links to folders too, sorted. @throws {MediaError} if it cannot be read. */
export async function subfolders(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause) => {
    throw new MediaError(directory, `cannot be read as a folder: ${messageOf(cause)}`, { cause });
  });
  const names: string[] = [];
  for (const entry of entries) {
    const isLink = entry.isSymbolicLink();
    if (isLink ? await isFolder(join(directory, entry.name)) : entry.isDirectory()) names.push(entry.name);
  }
  return names.sort();
}

async function pairsOfSequence(
  directory: string,
  folders: readonly string[],
  sequence: string,
  blur: BlurKind,
): Promise<PairFiles[]> {
  for (const [wanted, there] of [["sharp", "blurry"], [blur, "sharp"]] as const) {
    if (!folders.includes(wanted)) {
      const what = `is missing beside ${folders.filter((name) => isSequence([name])).join(" and ")}`;
      throw new MediaError(join(directory, wanted), `${what}; wanted the twins of the ${there} pictures`);
    }
  }
  const blurry = await picturesByName(join(directory, blur));
  const sharp = await picturesByName(join(directory, "sharp"));
  for (const [name, path] of blurry) {
    if (!sharp.has(name)) {
      throw new MediaError(path, `has no sharp twin "${name}" in ${join(directory, "sharp")}`);
    }
  }
  return [...sharp].map(([name, path]) => {
    const twin = blurry.get(name);
    if (twin === undefined) {
      throw new MediaError(path, `has no blurry twin "${name}" in ${join(directory, blur)}`);
    }
    return { name: sequence === "" ? name : `${sequence}/${name}`, blurry: twin, sharp: path };
  });
}

/**
 * Paths of the PNG and WebP pictures of a folder by name without extension, sorted. Files that are no pictures are passed over.
 *
 * @throws {MediaError} naming a picture in another format, or two of one name: passed over, it would be missing from what is learnt.
 */
export async function picturesByName(directory: string): Promise<Map<string, string>> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw new MediaError(directory, `cannot be read as a folder of pictures: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const paths = new Map<string, string>();
  for (const file of names.sort()) {
    if (!PICTURE_EXTENSIONS.has(extname(file).toLowerCase())) {
      if (isOtherPicture(file)) {
        const why = "is a picture, but neither PNG nor WebP";
        throw new MediaError(
          join(directory, file),
          `${why}; wanted one of these: JPEG loses what pairs teach`,
        );
      }
      continue;
    }
    const { name } = parse(file);
    const other = paths.get(name);
    if (other !== undefined) {
      throw new MediaError(join(directory, file), `has the same name as ${basename(other)}`);
    }
    paths.set(name, join(directory, file));
  }
  return paths;
}

function isOtherPicture(file: string): boolean {
  if (file.startsWith(".")) return false; // what a system leaves in folders, not the user
  const kind = kindByName(file);
  return kind === "picture" || kind === "viewed" || OTHER_PICTURES.test(file);
}

async function checkPair(pair: PairFiles, look: (path: string) => Promise<Size>): Promise<void> {
  const [blurry, sharp] = [await look(pair.blurry), await look(pair.sharp)];
  if (blurry.width !== sharp.width || blurry.height !== sharp.height) {
    throw new MediaError(
      pair.blurry,
      `is ${blurry.width} x ${blurry.height}, but its twin ${pair.sharp} is ${sharp.width} x ${sharp.height}`,
    );
  }
}

/**
 * Size in pixels from a picture's header, after the rotation that {@linkcode readPicture} applies.
 *
 * @throws {MediaError} if the file is no picture.
 */
export async function pictureSize(path: string): Promise<Size> {
  try {
    const { autoOrient } = await sharp(path).metadata();
    return autoOrient;
  } catch (error) {
    throw new MediaError(path, `cannot be read as a picture: ${messageOf(error)}`, { cause: error });
  }
}
