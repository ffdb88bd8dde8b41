import type * as tfjs from "@tensorflow/tfjs-core";
import type { Ops } from "../network/ops.ts";

/** The tfjs namespace, handed in so that this file loads no backend and trainer and engine share one instance. */
export type TensorFlow = typeof tfjs;

/** Weights by name; the trainer passes variables, the engine plain tensors. */
export type WeightTensors = ReadonlyMap<string, InstanceType<TensorFlow["Tensor"]>>;

/**
 * Computes the network on tensors `[batch, height, width, channels]`. Kernels lie as TensorFlow wants them:
 * `[k, k, in, out]`, transposed ones `[k, k, out, in]`. Call inside `tf.tidy`.
 */
export function tfjsOps(tf: TensorFlow, weights: WeightTensors): Ops<tfjs.Tensor4D> {
  const weight = (name: string) => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new TypeError(`Cannot run the network: no weights named "${name}"`);
    return tensor;
  };
  const relu = reluWithCheapGradient(tf);
  return {
    conv(x, layer, { stride }) {
      const kernel = weight(`${layer}.weight`) as tfjs.Tensor4D;
      return tf.add(tf.conv2d(x, kernel, stride, "same"), weight(`${layer}.bias`));
    },
    deconv(x, layer, { stride, outChannels }) {
      const kernel = weight(`${layer}.weight`) as tfjs.Tensor4D;
      const [batch, height, width] = x.shape;
      const shape: [number, number, number, number] = [batch, height * stride, width * stride, outChannels];
      return tf.add(tf.conv2dTranspose(x, kernel, shape, stride, "same"), weight(`${layer}.bias`));
    },
    relu,
    add: (a, b) => tf.add(a, b),
    scale: (x, factor) => tf.mul(x, factor),
    concat: (parts) => tf.concat([...parts], 3),
    halve: (x) => tf.avgPool(x, 2, 2, "valid"),
    enlarge: (x, times) =>
      constant(tf, () => {
        const [, height, width] = x.shape;
        return tf.image.resizeBilinear(x, [times * height, times * width], false, true);
      }),
  };
}

/** tfjs differentiates ReLU through eight element-wise kernels; the sign of its output is enough. */
function reluWithCheapGradient(tf: TensorFlow): (x: tfjs.Tensor4D) => tfjs.Tensor4D {
  return tf.customGrad((x, save) => {
    const y = tf.relu(x as tfjs.Tensor4D);
    (save as tfjs.GradSaveFunc)([y]);
    return { value: y, gradFunc: (dy, [saved]) => tf.mul(dy, tf.sign(saved as tfjs.Tensor4D)) };
  }) as (x: tfjs.Tensor) => tfjs.Tensor4D;
}

/** What `f` computes as a constant: on the tape it has no inputs, so that nothing is differentiated on the way to what would be thrown away. */
function constant(tf: TensorFlow, f: () => tfjs.Tensor4D): tfjs.Tensor4D {
  return (tf.customGrad(() => ({ value: f(), gradFunc: () => [] })) as () => tfjs.Tensor4D)();
}
