import type { SynthPair } from "./exposure.ts";
import { rebuildPairs } from "./rebuild_pairs.ts";
import type { SynthManifest } from "./synth_manifest.ts";

/**
 * Makes one pair of a manifest again, bit for bit, from its sources.
 *
 * @param name The pair's name in the manifest, `SEQUENCE/NNNNNN`.
 * @param files Paths that the sources may lie at; those of other names are not looked at.
 * @throws {MediaError} If a source is not there, is not the file that the manifest was made from, or cannot be read.
 * @throws {RangeError} If the manifest has no such pair.
 */
export async function rebuildPair(
  manifest: SynthManifest,
  name: string,
  files: readonly string[],
): Promise<SynthPair> {
  for await (const { pair } of rebuildPairs(manifest, { names: [name], files })) return pair;
  throw new RangeError(`Pair "${name}" could not be made again: its sources gave none`);
}
