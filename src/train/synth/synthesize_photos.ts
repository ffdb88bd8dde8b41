import { join } from "node:path";
import { MediaError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { PHOTO_MARGIN, photoExposure } from "../camera/photo_exposure.ts";
import { hashFile } from "../../hash_file.ts";
import { checkPhotos, listPhotos } from "../data/photo_folder.ts";
import { pictureSize, readPicture } from "../data/picture_file.ts";
import { createRandom } from "../random.ts";
import { checkSettings, invalidSetting } from "../setting.ts";
import { Exposure, type SynthPair } from "./exposure.ts";
import { finishClip } from "./finish_clip.ts";
import { PairFolder } from "./pair_folder.ts";
import { RecipeSource } from "./recipe_source.ts";
import { emptyManifest, pairName, type SynthManifest, type SynthManifestPair } from "./synth_manifest.ts";
import { PHOTO_SETTINGS, SYNTH_DEFAULTS, type SynthOptions } from "./synth_options.ts";

/** Shortest side of a pair, pixels. */
const LEAST_SIDE = 64;

/** Options of {@linkcode synthesizePhotos}. */
export interface SynthPhotosOptions extends Omit<SynthOptions, "gap" | "force"> {
  /** Number of pairs, for which the photos are used in turn. @default {100} */
  readonly pairs?: number;
  /** Largest width, pixels, from 64; a smaller photo gives smaller pairs. @default {1280} */
  readonly width?: number;
  /** Largest height, pixels, from 64. @default {720} */
  readonly height?: number;
}

/**
 * Makes a folder of training pairs from sharp photos: the frames of a virtual camera at 240 frames per second are averaged like
 * footage. One sequence, `photos`. Every photo that is needed is decoded before the first pair is made.
 *
 * @returns The manifest.
 * @throws {MediaError} naming a photo that cannot be read or is too small, a folder without photos, or an output in the way.
 * @throws {OptionError} if a setting is not valid, or not with the mode.
 */
export async function synthesizePhotos(
  photos: string,
  output: string,
  options: SynthPhotosOptions = {},
): Promise<SynthManifest> {
  const { pairs = 100, width = 1280, height = 720, signal, onPair } = options;
  checkSettings(PHOTO_SETTINGS, { pairs });
  if (!(width >= LEAST_SIDE && height >= LEAST_SIDE)) {
    throw invalidSetting("size", `${width}x${height}`, `${LEAST_SIDE}x${LEAST_SIDE} or more`);
  }
  const manifest = emptyManifest(options);
  new RecipeSource(options, "photos"); // refuses bad settings before anything is read
  const files = await listPhotos(photos);
  await using folder = await PairFolder.create(output, options);
  for (const file of files) {
    manifest.sources.push({ name: file, sha256: await hashFile(join(photos, file), signal), kind: "photo" });
  }
  for (let i = 0; i < pairs; i++) {
    signal?.throwIfAborted();
    manifest.pairs.push(await photoPair(photos, files, i, { ...options, width, height }));
  }
  const pathOf = (source: number) => join(photos, files[source] as string);
  const needed = manifest.pairs.flatMap(({ source, camera }) => [source, camera?.objects ?? source]);
  await checkPhotos(needed.map(pathOf), { signal });
  for (const [i, pair] of manifest.pairs.entries()) {
    signal?.throwIfAborted();
    await folder.write(pair.name, await exposePhoto(pair, (source) => readPicture(pathOf(source))));
    onPair?.({ pairs: i + 1, share: (i + 1) / pairs });
  }
  await folder.finish(manifest);
  return manifest;
}

/** What pair `index` will be; the photo's size is taken from its header. */
async function photoPair(
  folder: string,
  files: readonly string[],
  index: number,
  options: SynthPhotosOptions & { readonly width: number; readonly height: number },
): Promise<SynthManifestPair> {
  const seed = `${options.seed ?? SYNTH_DEFAULTS.seed}/photos/${index}`;
  const random = createRandom(seed, "choice");
  const source = index % files.length;
  const path = join(folder, files[source] as string);
  const photo = await pictureSize(path);
  const side = (length: number, most: number) =>
    Math.floor(Math.min(most, length - 2 * PHOTO_MARGIN) / 8) * 8;
  const [width, height] = [side(photo.width, options.width), side(photo.height, options.height)];
  if (width < LEAST_SIDE || height < LEAST_SIDE) {
    const least = LEAST_SIDE + 2 * PHOTO_MARGIN;
    throw new MediaError(
      path,
      `The photo is ${photo.width}x${photo.height}. Use photos of at least ${least}x${least} pixels`,
    );
  }
  const objects = Math.floor(random() * files.length);
  // Each pair is a source of its own, so that the number of frames is drawn for each in mode gopro.
  const { recipe } = new RecipeSource(options, `photos/${index}`).next(0);
  return { name: pairName("photos", index + 1), source, recipe, camera: { seed, width, height, objects } };
}

/** Makes a pair of a photo. @param read Decodes a source, by its index in the manifest. */
export async function exposePhoto(
  { name, source, camera, recipe }: SynthManifestPair,
  read: (source: number) => Promise<Picture>,
): Promise<SynthPair> {
  if (camera === undefined) throw new TypeError(`Cannot expose a photo: pair "${name}" has no camera`);
  const exposure = new Exposure(recipe, camera);
  const objects = await read(camera.objects);
  for (const frame of photoExposure(await read(source), { ...camera, frames: recipe.frames, objects })) {
    exposure.add(frame);
  }
  const [made] = await Array.fromAsync(finishClip([{ exposure }], { crf: recipe.h264, name }));
  if (made === undefined) throw new RangeError(`Cannot make "${name}": its exposure gave no pair`);
  return made.pair;
}
