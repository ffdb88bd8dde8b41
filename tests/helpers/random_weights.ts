import type { NetworkConfig } from "../../src/model/network/config.ts";
import { describeNetwork } from "../../src/model/network/count_ops.ts";
import { parseWeights, serializeWeights, type Weights } from "../../src/model/weights/weights.ts";

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Weights of which no tensor is zero: Xavier uniform kernels, and positive biases, so that few channels are always cut off. */
export function randomWeights(config: NetworkConfig, seed = 1): Weights {
  const random = seededRandom(seed);
  const tensors = new Map(
    describeNetwork(config).tensors.map(({ name, shape }) => {
      const [height = 1, width = 1, a = 1, b = 1] = shape;
      const isBias = shape.length === 1;
      const limit = isBias ? 0.1 : Math.sqrt(6 / (height * width * (a + b)));
      const middle = isBias ? 0.1 : 0;
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, {
        shape,
        data: Float32Array.from({ length: size }, () => middle + limit * (2 * random() - 1)),
      }];
    }),
  );
  return parseWeights(
    serializeWeights({ config, tensors, provenance: { steps: "0" } }),
    "random.safetensors",
  );
}
