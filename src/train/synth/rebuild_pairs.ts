import { basename } from "node:path";
import { MediaError, messageOf, OptionError } from "../../errors.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { readPicture } from "../data/picture_file.ts";
import { hashFile } from "../../hash_file.ts";
import { Exposure, type SynthPair } from "./exposure.ts";
import { finishClip } from "./finish_clip.ts";
import { PairFolder } from "./pair_folder.ts";
import { exposePhoto } from "./synthesize_photos.ts";
import {
  readManifestFile,
  type SynthManifest,
  type SynthManifestPair,
  type SynthSource,
} from "./synth_manifest.ts";
import type { SynthProgress } from "./synth_options.ts";

/** Options of {@linkcode rebuildPairs}. */
export interface RebuildOptions {
  /** Names of the pairs to make, `SEQUENCE/NNNNNN`. @default {all} */
  readonly names?: readonly string[];
  /** Paths among which the sources are found by name; other files are not read. */
  readonly files: readonly string[];
  /** Stops the work with its reason. */
  readonly signal?: AbortSignal;
}

/** A pair that was made again. */
export interface RebuiltPair {
  /** Its name in the manifest. */
  readonly name: string;
  /** Bit for bit the same pictures, if the version of the program is the same. */
  readonly pair: SynthPair;
}

/**
 * Makes pairs of a manifest again, bit for bit, source by source. All sources are found first. For a pair that was compressed as H.264, all
 * pairs of its source are made.
 *
 * @throws {MediaError} naming a source that is missing, differs from the file that the manifest was made from, or cannot be read.
 * @throws {OptionError} if the manifest has no such pair, or names a source that it does not list.
 */
export async function* rebuildPairs(
  { pairs, sources }: SynthManifest,
  { names, files, signal }: RebuildOptions,
): AsyncGenerator<RebuiltPair> {
  for (const name of names ?? []) {
    if (!pairs.some((pair) => pair.name === name)) {
      throw new OptionError(`The manifest has no pair "${name}". Its pairs are ${range(pairs)}`);
    }
  }
  const requested = pairs.filter(({ name }) => names?.includes(name) ?? true);
  const paths = new Map<number, string>();
  for (const { name, source, camera } of requested) {
    for (const index of camera === undefined ? [source] : [source, camera.objects]) {
      if (paths.has(index)) continue;
      const needed = sources[index];
      if (needed === undefined) {
        throw new OptionError(`The manifest lacks source ${index} of pair "${name}". It is damaged`);
      }
      paths.set(index, await findSource(needed, files, signal));
    }
  }
  const pathOf = (source: number) => paths.get(source) ?? "";
  for (const [source, group] of Map.groupBy(requested, ({ source }) => source)) {
    const footage = group.filter(({ camera }) => camera === undefined);
    if (footage.length > 0) yield* ofFootage(pathOf(source), footage, pairs, signal);
    for (const pair of group.filter(({ camera }) => camera !== undefined)) {
      signal?.throwIfAborted();
      yield { name: pair.name, pair: await exposePhoto(pair, (index) => readPicture(pathOf(index))) };
    }
  }
}

/**
 * Makes one pair of a manifest again, bit for bit, from its sources.
 *
 * @param name The pair's name in the manifest, `SEQUENCE/NNNNNN`.
 * @param files Paths among which the sources are found by name; other files are not read.
 * @throws {MediaError} if a source is missing, differs from the file that the manifest was made from, or cannot be read.
 * @throws {OptionError} if the manifest has no such pair.
 */
export async function rebuildPair(
  manifest: SynthManifest,
  name: string,
  files: readonly string[],
): Promise<SynthPair> {
  for await (const { pair } of rebuildPairs(manifest, { names: [name], files })) return pair;
  throw new RangeError(`Pair "${name}" could not be made again: its sources gave none`);
}

/** Options of {@linkcode rebuildFolder}. */
export interface RebuildFolderOptions extends RebuildOptions {
  /** Replace a folder that was synthesised before. @default {false} */
  readonly overwrite?: boolean;
  /** Called after every pair that was written. */
  readonly onPair?: (done: SynthProgress) => void;
}

/**
 * Makes the pairs of a manifest again in a folder, bit for bit: the same pictures in the same files, and the complete manifest, also with
 * pairs that were not requested, since a pair may depend on others (see {@linkcode rebuildPairs}).
 *
 * @param manifestFile Path of a `manifest.json`.
 * @param output Folder to write; nothing is left of it if this fails.
 * @returns The manifest, and how many pairs were made.
 * @throws {MediaError} naming a manifest or source that cannot be used, or an output in the way.
 * @throws {OptionError} if the manifest has no such pair.
 */
export async function rebuildFolder(
  manifestFile: string,
  output: string,
  options: RebuildFolderOptions,
): Promise<{ readonly manifest: SynthManifest; readonly pairs: number }> {
  const manifest = await readManifestFile(manifestFile);
  const total = options.names?.length ?? manifest.pairs.length;
  await using folder = await PairFolder.create(output, options);
  let pairs = 0;
  for await (const { name, pair } of rebuildPairs(manifest, options)) {
    await folder.write(name, pair);
    options.onPair?.({ pairs: ++pairs, share: pairs / total });
  }
  await folder.finish(manifest);
  return { manifest, pairs };
}

function range(pairs: readonly SynthManifestPair[]): string {
  const [first, last] = [pairs[0]?.name, pairs.at(-1)?.name];
  return first === last ? first ?? "none" : `${first} to ${last}`;
}

/** The path of a source; several files may have its name. */
async function findSource(
  { name, sha256 }: SynthSource,
  files: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const candidates = files.filter((path) => basename(path) === name);
  const [first] = candidates;
  if (first === undefined) {
    throw new MediaError(name, "The pairs were made from this file, which is not among those given. Add it");
  }
  const hashes: string[] = [];
  for (const path of candidates) {
    const hash = await hashFile(path, signal).catch((cause) => {
      signal?.throwIfAborted();
      throw new MediaError(path, `Cannot read this file: ${messageOf(cause)}`, { cause });
    });
    if (hash === sha256) return path;
    hashes.push(hash);
  }
  const found = hashes.join(", ");
  throw new MediaError(
    first,
    `This is not the file that the pairs were made from: its SHA-256 is ${found}, not ${sha256}`,
  );
}

async function* ofFootage(
  path: string,
  requested: readonly SynthManifestPair[],
  pairs: readonly SynthManifestPair[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RebuiltPair> {
  const [{ source, recipe: { h264: crf } }] = requested as [SynthManifestPair];
  const clip = crf === undefined ? requested : pairs.filter((pair) => pair.source === source);
  const names = new Set(requested.map(({ name }) => name));
  let left = requested.length;
  for await (const { name, pair } of finishClip(exposures(path, clip, signal), { crf, name: path })) {
    if (!names.has(name)) continue;
    yield { name, pair };
    if (--left === 0) return;
  }
}

/** The exposures of pairs, in the order of the footage. */
async function* exposures(
  path: string,
  pairs: readonly SynthManifestPair[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly name: string; readonly exposure: Exposure }> {
  await using video = await openVideo(path, { eightBits: true, ...(signal && { signal }) });
  let at = 0;
  let next = 0;
  let exposure: Exposure | undefined;
  for await (const frame of video.frames) {
    const pair = pairs[next];
    if (pair === undefined) return;
    const index = at++;
    if (pair.frames?.includes(index) !== true) continue;
    exposure ??= new Exposure(pair.recipe, frame);
    exposure.add(frame);
    if (!exposure.isComplete) continue;
    yield { name: pair.name, exposure };
    [exposure, next] = [undefined, next + 1];
  }
  const missing = pairs[next];
  if (missing !== undefined) {
    throw new MediaError(path, `The footage ends after ${at} frames, before those of "${missing.name}"`);
  }
}
