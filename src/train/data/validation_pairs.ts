import { MediaError } from "../../errors.ts";
import { type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import { type BlurKind, listPairs, type PairFiles, pictureSize } from "./pair_files.ts";
import { hashFile } from "./hash_file.ts";
import type { TrainingData } from "./training_data.ts";

/** Options of {@linkcode findValidationPairs}. */
export interface ValidationPairsOptions {
  /** Which blurry pictures to take. @default {"blur"} */
  readonly blur?: BlurKind;
  /** What is to be measured. */
  readonly network: NetworkConfig;
  /** What it learns from. */
  readonly data: Pick<TrainingData, "paths">;
}

/**
 * Finds pairs to measure a network on while it learns from others.
 *
 * @throws {MediaError} as {@linkcode listPairs} does; naming a picture that is learnt from too, there or as a copy elsewhere, because
 * what is known by heart measures nothing; one that is smaller than the network takes.
 */
export async function findValidationPairs(
  directory: string,
  { blur = "blur", network, data }: ValidationPairsOptions,
): Promise<PairFiles[]> {
  const pairs = await listPairs(directory, { blur, decode: true });
  const least = sizeMultiple(network);
  for (const { blurry, sharp } of pairs) {
    for (const path of [sharp, blurry]) {
      const learnt = data.paths.get(await hashFile(path));
      if (learnt === undefined) continue;
      const why = `is among the data to learn from too, as ${learnt}`;
      throw new MediaError(path, `${why}; wanted validation pictures of their own`);
    }
    const { width, height } = await pictureSize(sharp);
    if (Math.min(width, height) < least) {
      throw new MediaError(sharp, `is ${width} x ${height}; wanted ${least} x ${least} or more`);
    }
  }
  return pairs;
}
