import { PairFolder } from "./pair_folder.ts";
import { type RebuildOptions, rebuildPairs } from "./rebuild_pairs.ts";
import { readManifestFile, type SynthManifest } from "./synth_manifest.ts";
import type { SynthProgress } from "./synth_options.ts";

/** Options of {@linkcode rebuildFolder}. */
export interface RebuildFolderOptions extends RebuildOptions {
  /** Replace a folder that was synthesised before. @default {false} */
  readonly overwrite?: boolean;
  /** Called after every pair written. */
  readonly onPair?: (done: SynthProgress) => void;
}

/**
 * Makes the pairs of a manifest again, into a folder, bit for bit: the same pictures in the same files. The manifest is put
 * beside them whole, with the pairs that were not wanted too, since some need others to be made (see {@linkcode rebuildPairs}).
 *
 * @param manifestFile Path of a `manifest.json`.
 * @param output Folder to write; nothing is left of it if this fails.
 * @returns The manifest, and how many pairs were made.
 * @throws {MediaError} naming a manifest or source that cannot be used, and an output in the way.
 * @throws {RangeError} If the manifest has no such pair.
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
