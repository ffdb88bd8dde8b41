import { MediaError } from "../../errors.ts";
import { openVideo } from "../../stream/open_video.ts";
import { readPicture } from "../dataset.ts";
import { Exposure, type SynthPair } from "./exposure.ts";
import { exposePhoto, hashFile } from "./synth.ts";
import type { SynthManifest, SynthManifestPair } from "./synth_manifest.ts";

/**
 * Makes one pair of a manifest again, bit for bit, from its sources.
 *
 * @param name The pair's name in the manifest, `SEQUENCE/NNNNNN`.
 * @param locate Path of a source, given its name in the manifest.
 * @throws {MediaError} If a source cannot be read, or is not the file that the manifest was made from.
 * @throws {RangeError} If the manifest has no such pair.
 */
export async function rebuildPair(
  manifest: SynthManifest,
  name: string,
  locate: (source: string) => string,
): Promise<SynthPair> {
  const pair = manifest.pairs.find((pair) => pair.name === name);
  if (pair === undefined) throw new RangeError(`The manifest has no pair "${name}"`);
  const open = async (index: number) => {
    const source = manifest.sources[index];
    if (source === undefined) {
      throw new RangeError(`The manifest has no source ${index}, which pair "${name}" needs`);
    }
    const path = locate(source.name);
    if (await hashFile(path) !== source.sha256) {
      throw new MediaError(path, `Is not the file that "${name}" was made from: its SHA-256 differs`);
    }
    return path;
  };
  const exposure = pair.camera === undefined
    ? await exposeFootage(await open(pair.source), pair)
    : await exposePhoto(pair, async (index) => await readPicture(await open(index)));
  return await exposure.finish();
}

async function exposeFootage(path: string, { frames = [], recipe }: SynthManifestPair): Promise<Exposure> {
  await using video = await openVideo(path);
  const wanted = new Set(frames);
  let exposure: Exposure | undefined;
  let at = 0;
  for await (const frame of video.frames) {
    if (!wanted.has(at++)) continue;
    exposure ??= new Exposure(recipe, frame);
    exposure.add(frame);
    if (exposure.isComplete) return exposure;
  }
  throw new MediaError(path, `Ends after ${at} frames, before those wanted`);
}
