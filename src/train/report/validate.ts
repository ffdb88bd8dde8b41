import type * as tfjs from "@tensorflow/tfjs-core";
import type { Picture } from "../../frame.ts";
import { type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import { mtdn, type ScaleOutput } from "../../model/network/network.ts";
import { type TensorFlow, tfjsOps, type WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { type PairFiles, readPair } from "../data/pair_files.ts";
import { MOST_PSNR } from "../evaluate/metrics.ts";

/**
 * PSNR in dB of one validation picture, at most {@linkcode MOST_PSNR}, as that of equal pictures is. The picture is cut to the largest middle part whose sides the network takes as they are.
 */
export interface Validation {
  /** Name of the pair. */
  readonly name: string;
  /** PSNR of the blurry picture, in dB. */
  readonly psnrBlurry: number;
  /** PSNR of the restored picture, in dB. */
  readonly psnr: number;
  /** Of the sharp picture restored, against itself: sharp pictures must come back unharmed. */
  readonly psnrOfSharp: number;
}

/**
 * Restores every pair with the weights as they are now. For the figures to publish use {@linkcode evaluate}.
 *
 * @throws The reason of `signal`, between two pairs, when it is aborted.
 */
export async function validate(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  pairs: readonly PairFiles[],
  signal?: AbortSignal,
): Promise<Validation[]> {
  const results: Validation[] = [];
  for (const pair of pairs) {
    signal?.throwIfAborted();
    const { blurry, sharp } = await readPair(pair);
    const [input, target] = [toTensor(tf, blurry, network), toTensor(tf, sharp, network)];
    const image = restore(tf, network, weights, input);
    const sharpAgain = restore(tf, network, weights, target);
    results.push({
      name: pair.name,
      psnrBlurry: await psnr(tf, input, target),
      psnr: await psnr(tf, image, target),
      psnrOfSharp: await psnr(tf, sharpAgain, target),
    });
    tf.dispose([input, target, image, sharpAgain]);
  }
  return results;
}

/** The outputs of the finest scale. The caller disposes them. */
export function restoreScale(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  input: tfjs.Tensor4D,
): ScaleOutput<tfjs.Tensor4D> {
  return tf.tidy(() => ({
    ...mtdn(tfjsOps(tf, weights), network, input).at(-1) as ScaleOutput<tfjs.Tensor4D>,
  }));
}

/** Values 0 … 1, `[1, height, width, 3]`, cut to the middle part whose sides are multiples of the network's. */
export function toTensor(
  tf: TensorFlow,
  { data, width, height }: Picture,
  network: NetworkConfig,
): tfjs.Tensor4D {
  const multiple = sizeMultiple(network);
  const [cutWidth, cutHeight] = [width - width % multiple, height - height % multiple];
  const [left, top] = [(width - cutWidth) >> 1, (height - cutHeight) >> 1];
  return tf.tidy(() => {
    const picture = tf.tensor4d(Int32Array.from(data), [1, height, width, 3], "int32");
    return tf.div(tf.slice(picture, [0, top, left, 0], [1, cutHeight, cutWidth, 3]), 255);
  });
}

function restore(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  input: tfjs.Tensor4D,
): tfjs.Tensor4D {
  return tf.tidy(() =>
    tf.div(tf.round(tf.mul(tf.clipByValue(restoreScale(tf, network, weights, input).image, 0, 1), 255)), 255)
  );
}

async function psnr(tf: TensorFlow, image: tfjs.Tensor, target: tfjs.Tensor): Promise<number> {
  const error = tf.tidy(() => tf.mean(tf.square(tf.sub(image, target))));
  const [mse = NaN] = await error.data();
  error.dispose();
  return Math.min(MOST_PSNR, -10 * Math.log10(mse));
}
