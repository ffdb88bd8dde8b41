import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { TrainConfig } from "../config.ts";

/** Added under the root, so that it has a gradient at zero. */
export const CHARBONNIER_EPSILON = 1e-6;
/** Mean squared error of a blurry crop (27 dB) below which the weight of `relative` grows little. With 35 dB or more, the network hardly changed anything. */
export const NEARLY_SHARP = 2e-3;

/** Tensors `[batch, height, width, 3]` at full size. */
export interface PairTensors {
  readonly blurry: tfjs.Tensor4D;
  readonly sharp: tfjs.Tensor4D;
}

/**
 * Eq. 2: Σ αᵢ / Tᵢ ‖Fᵢ − Iᵢ‖², Tᵢ = height × width of scale i, the mean over the batch.
 *
 * @param images The restored pictures `[batch, height, width, 3]` of every scale, coarsest first.
 * @param pair The pictures are downscaled exactly like the network's input (2 × 2 means): any other method would shift the target against the
 * input, differently at each scale.
 */
export function multiScaleLoss(
  tf: TensorFlow,
  config: Pick<TrainConfig, "loss" | "scaleWeights">,
  images: readonly tfjs.Tensor4D[],
  pair: PairTensors,
): tfjs.Scalar {
  let { blurry, sharp } = pair;
  let loss: tfjs.Scalar = tf.scalar(0);
  for (let scale = images.length - 1; scale >= 0; scale--) {
    const image = images[scale] as tfjs.Tensor4D;
    const term = tf.mul(
      pictureError(tf, config.loss, image, { blurry, sharp }),
      config.scaleWeights[scale] ?? 1,
    );
    loss = tf.add(loss, term) as tfjs.Scalar;
    if (scale > 0) [blurry, sharp] = [tf.avgPool(blurry, 2, 2, "valid"), tf.avgPool(sharp, 2, 2, "valid")];
  }
  return loss;
}

/** Error per pixel (summed over its three channels), mean over pixels and batch; see {@linkcode TrainConfig.loss}. */
function pictureError(
  tf: TensorFlow,
  loss: TrainConfig["loss"],
  image: tfjs.Tensor4D,
  { blurry, sharp }: PairTensors,
): tfjs.Tensor {
  const squared = tf.square(tf.sub(image, sharp));
  switch (loss) {
    case "squared":
      return tf.mul(tf.mean(squared), 3);
    case "charbonnier": {
      const root = tf.sqrt(tf.add(squared, CHARBONNIER_EPSILON));
      return tf.mul(tf.mean(tf.sub(root, Math.sqrt(CHARBONNIER_EPSILON))), 3);
    }
    case "relative": {
      const before = tf.mean(tf.square(tf.sub(blurry, sharp)), [1, 2, 3]);
      return tf.mean(tf.div(tf.mean(squared, [1, 2, 3]), tf.add(before, NEARLY_SHARP)));
    }
  }
}
