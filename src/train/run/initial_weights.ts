import type { TensorSpec } from "../../model/network/count_ops.ts";
import type { TrainConfig } from "../config.ts";
import { putPatchBasis } from "./patch_basis.ts";
import { createRandom } from "../random.ts";

/**
 * Xavier uniform kernels (Glorot and Bengio, 2010) and zero biases, as in the paper. With `residualGain` < 1, residual blocks start near the
 * identity and the last layers at zero, so that the initial network returns its input.
 */
export function initialWeights(
  specs: readonly TensorSpec[],
  config: TrainConfig,
  seed: number,
): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of specs) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    const isLast = /^(up|down)\.0\./.test(name);
    if (name.endsWith(".weight") && !(isLast && config.residualGain !== 1)) {
      const [height = 1, width = 1, a = 1, b = 1] = shape;
      const gain = name.endsWith(".second.weight") ? config.residualGain : 1;
      const limit = gain * Math.sqrt(6 / (height * width * (a + b)));
      const random = createRandom(seed, name);
      for (let i = 0; i < data.length; i++) data[i] = limit * (2 * random() - 1);
    }
    weights.set(name, data);
  }
  const first = weights.get("encoder.0.conv.weight");
  const { channels: [channels = 1], strides: [stride = 1] } = config.network;
  if (first !== undefined && config.residualGain !== 1) {
    if (stride > 1) putPatchBasis(first, 2 * stride - 1, channels, stride);
    centerInput(weights, specs.find(({ name }) => name === "encoder.0.conv.weight")?.shape[2] ?? 6);
  }
  return weights;
}

/**
 * A bias for which mid-grey gives zero, so that features start from differences in a picture, not from its brightness. Only the first six inputs are
 * pictures; the others are differences and motion.
 */
function centerInput(weights: ReadonlyMap<string, Float32Array>, inputs: number): void {
  const kernel = weights.get("encoder.0.conv.weight") ?? new Float32Array();
  const bias = weights.get("encoder.0.conv.bias") ?? new Float32Array();
  const channels = bias.length;
  kernel.forEach((value, i) => {
    const isOfPicture = Math.floor(i / channels) % inputs < 6;
    if (isOfPicture) bias[i % channels] = (bias[i % channels] ?? 0) - value / 2;
  });
}
