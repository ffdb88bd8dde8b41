import type * as tfjs from "@tensorflow/tfjs-core";
import type { NetworkConfig } from "../../model/network/config.ts";
import { mtdn, type ScaleOutput } from "../../model/network/network.ts";
import { type TensorFlow, tfjsOps, type WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { type PairFiles } from "../data/pair_files.ts";
import { readPicture } from "../data/picture_file.ts";
import { sequencePairs } from "../data/sequence_pairs.ts";
import { MOST_PSNR } from "../evaluate/metrics.ts";
import { cutToMultiple, type NetworkInput, networkInput } from "./network_input.ts";

/**
 * PSNR of one validation picture, in dB, at most {@linkcode MOST_PSNR}. The picture is cropped to the largest middle part whose size is valid for the
 * network.
 */
export interface Validation {
  /** Name of the pair. */
  readonly name: string;
  /** PSNR of the blurry picture, in dB. */
  readonly psnrBlurry: number;
  /** PSNR of the restored picture, in dB. */
  readonly psnr: number;
  /** PSNR of the restored sharp picture against itself, in dB: sharp pictures must not change. */
  readonly psnrOfSharp: number;
}

/**
 * Restores all pairs with the current weights; a network of three frames is given the neighbouring pairs of the same folder. For published figures
 * use {@linkcode evaluate}.
 *
 * @throws The reason of `signal`, between two pairs, if it is aborted.
 */
export async function validate(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  pairs: readonly PairFiles[],
  signal?: AbortSignal,
): Promise<Validation[]> {
  const results: Validation[] = [];
  const read = async (path: string) => cutToMultiple(await readPicture(path), network);
  for (const [i, pair] of sequencePairs(pairs, read).entries()) {
    signal?.throwIfAborted();
    const { blurry, sharp } = await pair.read();
    const isAlone = network.frames === 1;
    const [previous, next] = isAlone ? [] : [await pair.previous?.(), await pair.next?.()];
    const input = networkInput(tf, network, blurry, [previous?.blurry, next?.blurry]);
    const inputOfSharp = networkInput(tf, network, sharp, [previous?.sharp, next?.sharp]);
    const target = inputOfSharp.blurry;
    const image = restore(tf, network, weights, input);
    const restoredSharp = restore(tf, network, weights, inputOfSharp);
    results.push({
      name: pairs[i]?.name ?? "",
      psnrBlurry: await psnr(tf, input.blurry, target),
      psnr: await psnr(tf, image, target),
      psnrOfSharp: await psnr(tf, restoredSharp, target),
    });
    tf.dispose([...tensorsOf(input), ...tensorsOf(inputOfSharp), image, restoredSharp]);
  }
  return results;
}

/** The outputs at the finest scale. The caller disposes them. */
export function restoreScale(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  { blurry, neighbours }: NetworkInput,
): ScaleOutput<tfjs.Tensor4D> {
  return tf.tidy(() => ({
    ...mtdn(tfjsOps(tf, weights), network, blurry, neighbours).at(-1) as ScaleOutput<tfjs.Tensor4D>,
  }));
}

function restore(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  input: NetworkInput,
): tfjs.Tensor4D {
  return tf.tidy(() =>
    tf.div(tf.round(tf.mul(tf.clipByValue(restoreScale(tf, network, weights, input).image, 0, 1), 255)), 255)
  );
}

function tensorsOf({ blurry, neighbours }: NetworkInput): tfjs.Tensor[] {
  return [blurry, ...neighbours.flatMap(({ moved, flow }) => [moved, flow])];
}

async function psnr(tf: TensorFlow, image: tfjs.Tensor, target: tfjs.Tensor): Promise<number> {
  const error = tf.tidy(() => tf.mean(tf.square(tf.sub(image, target))));
  const [mse = NaN] = await error.data();
  error.dispose();
  return Math.min(MOST_PSNR, -10 * Math.log10(mse));
}
