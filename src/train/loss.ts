import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../model/tfjs_ops.ts";
import type { TrainConfig } from "./config.ts";

const CHARBONNIER_EPSILON = 1e-6;

/**
 * Eq. 2: Σ αᵢ / Tᵢ ‖Fᵢ − Iᵢ‖², Tᵢ = height × width of scale i, the mean over the batch.
 *
 * @param images The restored pictures `[batch, height, width, 3]` of every scale, coarsest first.
 * @param sharp The sharp pictures at full size. They are reduced exactly as the network reduces its input (2 × 2
 * means): any other reduction shifts the target against the input, and scales that share weights fight over it.
 */
export function multiScaleLoss(
  tf: TensorFlow,
  config: Pick<TrainConfig, "loss" | "scaleWeights">,
  images: readonly tfjs.Tensor4D[],
  sharp: tfjs.Tensor4D,
): tfjs.Scalar {
  let target = sharp;
  let loss: tfjs.Scalar = tf.scalar(0);
  for (let scale = images.length - 1; scale >= 0; scale--) {
    const image = images[scale] as tfjs.Tensor4D;
    const term = tf.mul(pictureError(tf, config.loss, image, target), config.scaleWeights[scale] ?? 1);
    loss = tf.add(loss, term) as tfjs.Scalar;
    if (scale > 0) target = tf.avgPool(target, 2, 2, "valid");
  }
  return loss;
}

/** Error per pixel (summed over its three channels), mean over pixels and batch. */
function pictureError(
  tf: TensorFlow,
  loss: TrainConfig["loss"],
  image: tfjs.Tensor4D,
  target: tfjs.Tensor4D,
): tfjs.Tensor {
  const squared = tf.square(tf.sub(image, target));
  if (loss === "squared") return tf.mul(tf.mean(squared), 3);
  const root = tf.sqrt(tf.add(squared, CHARBONNIER_EPSILON));
  return tf.mul(tf.mean(tf.sub(root, Math.sqrt(CHARBONNIER_EPSILON))), 3);
}
