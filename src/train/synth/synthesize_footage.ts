import { basename, parse } from "node:path";
import { MediaError, OptionError } from "../../errors.ts";
import type { MediaInfo } from "../../frame.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { hashFile } from "../../hash_file.ts";
import { finishClip } from "./finish_clip.ts";
import { footageExposures } from "./footage_exposures.ts";
import { PairFolder } from "./pair_folder.ts";
import { RecipeSource } from "./recipe_source.ts";
import { emptyManifest, pairName, type SynthManifest } from "./synth_manifest.ts";
import type { SynthOptions, SynthProgress } from "./synth_options.ts";

/** Lowest frame rate that is averaged without `force`: objects move so far between slower frames that they show as ghosts. */
const LOWEST_RATE = 100;

/**
 * Makes a folder of training pairs from high-frame-rate footage by averaging frames, in GoPro's layout, with a manifest from
 * which {@linkcode rebuildPair} makes any pair again. Each file becomes a sequence: `NAME_NN_00` (NN frames averaged) in `gopro`
 * mode, as in the dataset, else `NAME_00`.
 *
 * @returns The manifest.
 * @throws {MediaError} naming footage that cannot be read, is too slow, or too short for one pair, or an output in the way.
 * @throws {OptionError} if a setting is not valid, or not with the mode.
 */
export async function synthesizeFootage(
  paths: readonly string[],
  output: string,
  options: SynthOptions = {},
): Promise<SynthManifest> {
  if (paths.length === 0) throw new OptionError("There is no footage to average. Give one video or more");
  const sources = paths.map((path, i) => ({
    path,
    recipes: new RecipeSource(options, `${i}/${basename(path)}`),
  }));
  const manifest = emptyManifest(options);
  await using folder = await PairFolder.create(output, options);
  for (const [i, { path, recipes }] of sources.entries()) {
    const onPair = ({ pairs, share }: SynthProgress) =>
      options.onPair?.({ pairs, ...(share !== undefined && { share: (i + share) / paths.length }) });
    await synthesizeOne(path, recipes, folder, manifest, { ...options, onPair });
  }
  await folder.finish(manifest);
  return manifest;
}

async function synthesizeOne(
  path: string,
  recipes: RecipeSource,
  folder: PairFolder,
  manifest: SynthManifest,
  { signal, force = false, onPair }: SynthOptions,
): Promise<void> {
  await using video = await openVideo(path, { eightBits: true, ...(signal && { signal }) });
  refuseSlow(video.info, force);
  const isRealistic = manifest.mode === "realistic";
  const sequence = sequenceName(path, manifest, isRealistic ? undefined : recipes.goproFrames);
  const counts = { frames: 0, duplicates: 0, cuts: 0 };
  const { frameRate, frames: total } = video.info;
  const source = manifest.sources.length;
  const exposures = footageExposures(video.frames, recipes, isRealistic, counts);
  let pairs = 0;
  for await (
    const { exposure, frames, pair } of finishClip(exposures, { crf: recipes.crf, name: sequence })
  ) {
    const name = pairName(sequence, ++pairs);
    await folder.write(name, pair);
    manifest.pairs.push({ name, source, recipe: exposure.recipe, frames });
    onPair?.({ pairs: manifest.pairs.length, ...(total && { share: Math.min(1, counts.frames / total) }) });
  }
  if (pairs === 0) {
    throw new MediaError(path, `Its ${counts.frames} frames are too few for one pair without a cut in it`);
  }
  const sha256 = await hashFile(path, signal);
  const { duplicates, cuts } = counts;
  manifest.sources.push({
    name: basename(path),
    sha256,
    kind: "footage",
    ...(frameRate && { frameRate }),
    duplicates,
    cuts,
  });
}

function refuseSlow({ path, frameRate }: MediaInfo, force: boolean): void {
  if (force || frameRate === undefined || frameRate >= LOWEST_RATE) return;
  const rate = Number(frameRate.toFixed(2));
  const why = `It has only ${rate} frames per second, whose average shows ghosts instead of blur`;
  throw new MediaError(path, `${why}. Use footage of ${LOWEST_RATE} or more, or --force`);
}

/** `NAME_NN_00`, or `NAME_00`; the last number distinguishes files of the same name. */
function sequenceName(path: string, { pairs }: SynthManifest, frames: number | undefined): string {
  const name = parse(path).name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "") || "footage";
  const stem = frames === undefined ? name : `${name}_${String(frames).padStart(2, "0")}`;
  for (let i = 0;; i++) {
    const sequence = `${stem}_${String(i).padStart(2, "0")}`;
    if (!pairs.some((pair) => pair.name.startsWith(`${sequence}/`))) return sequence;
  }
}
