import { basename } from "node:path";
import { MediaError, OptionError } from "../../errors.ts";
import { openVideo } from "../../stream/decode/open_video.ts";
import { readPicture } from "../data/pair_files.ts";
import { hashFile } from "../data/hash_file.ts";
import { Exposure, type SynthPair } from "./exposure.ts";
import { finishClip } from "./finish_clip.ts";
import { exposePhoto } from "./synth.ts";
import type { SynthManifest, SynthManifestPair, SynthSource } from "./synth_manifest.ts";

/** Options of {@linkcode rebuildPairs}. */
export interface RebuildOptions {
  /** Names of the pairs wanted, `SEQUENCE/NNNNNN`. @default {all} */
  readonly names?: readonly string[];
  /** Paths that the sources may lie at; those of other names are not looked at. */
  readonly files: readonly string[];
  /** Ends the work with its reason. */
  readonly signal?: AbortSignal;
}

/** A pair made again. */
export interface RebuiltPair {
  /** As the manifest has it. */
  readonly name: string;
  /** The same bits as the first time, if the program is of the same version. */
  readonly pair: SynthPair;
}

/**
 * Makes pairs of a manifest again, bit for bit, source by source. Every source that is needed is looked for first. Pairs that passed
 * through H.264 need the others of their source to be made too.
 *
 * @throws {MediaError} naming a source that is not there, is not the file that the manifest was made from, or cannot be read.
 * @throws {RangeError} If the manifest has no such pair, or names a source that it does not list.
 */
export async function* rebuildPairs(
  { pairs, sources }: SynthManifest,
  { names, files, signal }: RebuildOptions,
): AsyncGenerator<RebuiltPair> {
  for (const name of names ?? []) {
    if (!pairs.some((pair) => pair.name === name)) {
      throw new OptionError(`The manifest has no pair "${name}"; it has ${range(pairs)}`);
    }
  }
  const wanted = pairs.filter(({ name }) => names?.includes(name) ?? true);
  const paths = new Map<number, string>();
  for (const { name, source, camera } of wanted) {
    for (const index of camera === undefined ? [source] : [source, camera.objects]) {
      if (paths.has(index)) continue;
      const needed = sources[index];
      if (needed === undefined) {
        throw new RangeError(`The manifest has no source ${index}, which pair "${name}" needs`);
      }
      paths.set(index, await findSource(needed, files, signal));
    }
  }
  const pathOf = (source: number) => paths.get(source) ?? "";
  for (const [source, group] of Map.groupBy(wanted, ({ source }) => source)) {
    const footage = group.filter(({ camera }) => camera === undefined);
    if (footage.length > 0) yield* ofFootage(pathOf(source), footage, pairs, signal);
    for (const pair of group.filter(({ camera }) => camera !== undefined)) {
      signal?.throwIfAborted();
      yield { name: pair.name, pair: await exposePhoto(pair, (index) => readPicture(pathOf(index))) };
    }
  }
}

function range(pairs: readonly SynthManifestPair[]): string {
  const [first, last] = [pairs[0]?.name, pairs.at(-1)?.name];
  return first === last ? first ?? "none" : `${first} to ${last}`;
}

/** The file that is the source: its name may be there more than once. */
async function findSource(
  { name, sha256 }: SynthSource,
  files: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const candidates = files.filter((path) => basename(path) === name);
  const [first] = candidates;
  if (first === undefined) {
    throw new MediaError(name, "Pairs were made from this file; wanted it, under this name");
  }
  const hashes: string[] = [];
  for (const path of candidates) {
    const hash = await hashFile(path, signal).catch((cause) => {
      signal?.throwIfAborted();
      throw new MediaError(path, "Cannot be read; wanted the file that pairs were made from", { cause });
    });
    if (hash === sha256) return path;
    hashes.push(hash);
  }
  const found = hashes.join(", ");
  throw new MediaError(
    first,
    `Is not the file that the pairs were made from: its SHA-256 differs, it is ${found}; wanted ${sha256}`,
  );
}

async function* ofFootage(
  path: string,
  wanted: readonly SynthManifestPair[],
  pairs: readonly SynthManifestPair[],
  signal: AbortSignal | undefined,
): AsyncGenerator<RebuiltPair> {
  const [{ source, recipe: { h264: crf } }] = wanted as [SynthManifestPair];
  const clip = crf === undefined ? wanted : pairs.filter((pair) => pair.source === source);
  const isWanted = new Set(wanted.map(({ name }) => name));
  let left = wanted.length;
  for await (const { name, pair } of finishClip(exposures(path, clip, signal), { crf, name: path })) {
    if (!isWanted.has(name)) continue;
    yield { name, pair };
    if (--left === 0) return;
  }
}

/** Takes the exposures of pairs, in the order in which the footage has them. */
async function* exposures(
  path: string,
  pairs: readonly SynthManifestPair[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly name: string; readonly exposure: Exposure }> {
  await using video = await openVideo(path, signal && { signal });
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
    throw new MediaError(path, `Ends after ${at} frames, before those of "${missing.name}"`);
  }
}
