import { MediaError } from "../../errors.ts";
import { type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import { type BlurKind, listPairs, type PairFiles } from "./pair_files.ts";
import { pictureSize } from "./picture_file.ts";
import { hashFile } from "../../hash_file.ts";
import type { TrainingData } from "./training_data.ts";

/** Options of {@linkcode findValidationPairs}. */
export interface ValidationPairsOptions {
  /** Which blurry pictures to use. @default {"blur"} */
  readonly blur?: BlurKind;
  /** The network that is trained. */
  readonly network: NetworkConfig;
  /** The data it is trained on. */
  readonly data: Pick<TrainingData, "paths">;
}

/**
 * Finds the pairs that a network is measured on during training.
 *
 * @throws {MediaError} as {@linkcode listPairs} does; naming a picture that is in the training data too, itself or as a copy, because
 * training makes it say nothing about other pictures; or one that is too small for the network.
 */
export async function findValidationPairs(
  directory: string,
  { blur = "blur", network, data }: ValidationPairsOptions,
): Promise<PairFiles[]> {
  const pairs = await listPairs(directory, { blur, decode: true });
  const least = sizeMultiple(network);
  for (const { blurry, sharp } of pairs) {
    for (const path of [sharp, blurry]) {
      const trained = data.paths.get(await hashFile(path));
      if (trained === undefined) continue;
      const why = `It is in the training data too, as ${trained}`;
      throw new MediaError(path, `${why}. Validate on other pictures, or exclude it from training`);
    }
    const { width, height } = await pictureSize(sharp);
    if (Math.min(width, height) < least) {
      throw new MediaError(
        sharp,
        `It is ${width} x ${height}. The network needs at least ${least} x ${least}`,
      );
    }
  }
  return pairs;
}
