import { basename, join, parse } from "node:path";
import { MediaError, OptionError } from "../../errors.ts";
import type { MediaInfo, Picture } from "../../frame.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { pictureSize, readPicture } from "../data/pair_files.ts";
import { hashFile } from "../data/hash_file.ts";
import { checkPhotos } from "./check_photos.ts";
import { Exposure, type SynthPair } from "./exposure.ts";
import { finishClip } from "./finish_clip.ts";
import { footageExposures } from "./footage_exposures.ts";
import { listPhotos } from "./list_photos.ts";
import { PairFolder } from "./pair_folder.ts";
import { PHOTO_MARGIN, photoExposure } from "./photo_exposure.ts";
import { createRandom } from "../random.ts";
import type { SynthManifest, SynthManifestPair } from "./synth_manifest.ts";
import { RecipeSource, type SynthOptions, type SynthProgress } from "./synth_options.ts";

/** Slowest footage that is averaged without `force`: below, things move so far between frames that they show as ghosts. */
const SLOWEST_FOOTAGE = 100;
/** Shortest side of a pair made of a photo, pixels. */
const LEAST_SIDE = 64;

/**
 * Makes a folder of training pairs from high-frame-rate footage by averaging frames, in GoPro's layout, with a manifest from
 * which {@linkcode rebuildPair} makes any pair again. One sequence a file: `NAME_NN_00` (NN frames averaged) in `gopro` mode, as in the dataset.
 *
 * @returns The manifest.
 * @throws {MediaError} naming footage that cannot be read, is too slow, or too short for one pair, and an output in the way.
 * @throws {RangeError} for options that the mode cannot meet.
 */
export async function synthesizeFootage(
  paths: readonly string[],
  output: string,
  options: SynthOptions = {},
): Promise<SynthManifest> {
  if (paths.length === 0) throw new OptionError("No footage given; wanted one video file or more");
  const recipes = paths.map((path, i) => new RecipeSource(options, `${i}/${basename(path)}`));
  const manifest = emptyManifest(options);
  await using folder = await PairFolder.create(output, options);
  for (const [i, path] of paths.entries()) {
    const name = sequenceName(
      path,
      manifest,
      options.mode === "realistic" ? undefined : recipes[i]?.goproFrames,
    );
    const onPair = ({ pairs, share }: SynthProgress) =>
      options.onPair?.({ pairs, ...(share !== undefined && { share: (i + share) / paths.length }) });
    await synthesizeOne(path, name, recipes[i] as RecipeSource, folder, manifest, { ...options, onPair });
  }
  await folder.finish(manifest);
  return manifest;
}

async function synthesizeOne(
  path: string,
  sequence: string,
  recipes: RecipeSource,
  folder: PairFolder,
  manifest: SynthManifest,
  options: SynthOptions,
): Promise<void> {
  const { signal, force = false, onPair } = options;
  await using video = await openVideo(path, signal && { signal });
  refuseSlow(video.info, force);
  const tally = { frames: 0, duplicates: 0, cuts: 0 };
  const { frameRate, frames: total } = video.info;
  const source = manifest.sources.length;
  let pairs = 0;
  const exposures = footageExposures(video.frames, recipes, options.mode === "realistic", tally);
  for await (
    const { exposure, frames, pair } of finishClip(exposures, { crf: recipes.crf, name: sequence })
  ) {
    const name = `${sequence}/${pairNumber(++pairs)}`;
    await folder.write(name, pair);
    manifest.pairs.push({ name, source, recipe: exposure.recipe, frames });
    onPair?.({ pairs: manifest.pairs.length, ...(total && { share: Math.min(1, tally.frames / total) }) });
  }
  if (video.damage !== undefined) throw new MediaError(path, video.damage);
  if (pairs === 0) {
    throw new MediaError(path, `Has ${tally.frames} frames, too few for one pair without a cut in it`);
  }
  const sha256 = await hashFile(path, signal);
  const { duplicates, cuts } = tally;
  manifest.sources.push({
    name: basename(path),
    sha256,
    kind: "footage",
    ...(frameRate && { frameRate }),
    duplicates,
    cuts,
  });
}

/** Options of {@linkcode synthesizePhotos}. */
export interface SynthPhotosOptions extends Omit<SynthOptions, "gap" | "force"> {
  /** Pairs made; photos are taken in turn. @default {100} */
  readonly pairs?: number;
  /** Largest width, pixels, from 64; a smaller photo gives smaller pairs. @default {1280} */
  readonly width?: number;
  /** Largest height, pixels, from 64. @default {720} */
  readonly height?: number;
}

/**
 * Makes a folder of training pairs from sharp photos: a virtual camera at 240 frames a second looks at them, and its frames are
 * averaged as footage would be. One sequence, `photos`. Every photo that is needed is decoded before the first pair is made.
 *
 * @returns The manifest.
 * @throws {MediaError} naming a photo that cannot be read or is too small, a folder without photos, and an output in the way.
 * @throws {RangeError} for options that the mode cannot meet.
 */
export async function synthesizePhotos(
  photos: string,
  output: string,
  options: SynthPhotosOptions = {},
): Promise<SynthManifest> {
  const { pairs = 100, width = 1280, height = 720, signal, onPair } = options;
  if (!(Number.isInteger(pairs) && pairs >= 1)) {
    throw new OptionError(`pairs is ${pairs}, wanted a whole number from 1`);
  }
  if (!(width >= LEAST_SIDE && height >= LEAST_SIDE)) {
    throw new OptionError(`size is ${width}x${height}, wanted ${LEAST_SIDE}x${LEAST_SIDE} or more`);
  }
  const manifest = emptyManifest(options);
  new RecipeSource(options, "photos"); // refuses bad options before anything is read
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

/** What pair `index` will be, by the size that the photo's header says. */
async function photoPair(
  folder: string,
  files: readonly string[],
  index: number,
  options: SynthPhotosOptions & { readonly width: number; readonly height: number },
): Promise<SynthManifestPair> {
  const seed = `${options.seed ?? 1}/photos/${index}`;
  const random = createRandom(seed, "choice");
  const source = index % files.length;
  const path = join(folder, files[source] as string);
  const photo = await pictureSize(path);
  const side = (length: number, most: number) =>
    Math.floor(Math.min(most, length - 2 * PHOTO_MARGIN) / 8) * 8;
  const [width, height] = [
    side(photo.width, options.width),
    side(photo.height, options.height),
  ];
  if (width < LEAST_SIDE || height < LEAST_SIDE) {
    const least = LEAST_SIDE + 2 * PHOTO_MARGIN;
    throw new MediaError(
      path,
      `Is ${photo.width}x${photo.height}; wanted a photo of ${least}x${least} pixels or more`,
    );
  }
  const objects = Math.floor(random() * files.length);
  // Every pair is its own source here, so that `gopro` mode draws the number of frames anew.
  const { recipe } = new RecipeSource(options, `photos/${index}`).next(0);
  return {
    name: `photos/${pairNumber(index + 1)}`,
    source,
    recipe,
    camera: { seed, width, height, objects },
  };
}

/** Makes what `pair` describes. @param read Decodes a source, by its index in the manifest. */
export async function exposePhoto(
  { name, source, camera, recipe }: SynthManifestPair,
  read: (source: number) => Promise<Picture>,
): Promise<SynthPair> {
  if (camera === undefined) throw new TypeError("Cannot expose a photo: the manifest's pair has no camera");
  const exposure = new Exposure(recipe, camera);
  const objects = await read(camera.objects);
  for (const frame of photoExposure(await read(source), { ...camera, frames: recipe.frames, objects })) {
    exposure.add(frame);
  }
  const [made] = await Array.fromAsync(finishClip([{ exposure }], { crf: recipe.h264, name }));
  if (made === undefined) throw new RangeError(`Cannot make "${name}": its exposure gave no pair`);
  return made.pair;
}

function emptyManifest({ mode = "gopro", seed = 1 }: SynthOptions): SynthManifest {
  return { kind: "mtdn synth", version: 1, mode, seed, sources: [], pairs: [] };
}

function refuseSlow({ path, frameRate }: MediaInfo, force: boolean): void {
  if (force || frameRate === undefined || frameRate >= SLOWEST_FOOTAGE) return;
  const rate = Number(frameRate.toFixed(2));
  throw new MediaError(
    path,
    `Has ${rate} frames a second, so averaging it shows ghosts instead of blur; wanted ${SLOWEST_FOOTAGE} or more (--force averages it anyway)`,
  );
}

/** `NAME_NN_00`, or `NAME_00`; the last number tells files of the same name apart. */
function sequenceName(path: string, { pairs }: SynthManifest, frames: number | undefined): string {
  const name = parse(path).name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "") || "footage";
  const stem = frames === undefined ? name : `${name}_${String(frames).padStart(2, "0")}`;
  for (let i = 0;; i++) {
    const sequence = `${stem}_${String(i).padStart(2, "0")}`;
    if (!pairs.some((pair) => pair.name.startsWith(`${sequence}/`))) return sequence;
  }
}

function pairNumber(number: number): string {
  return String(number).padStart(6, "0");
}
