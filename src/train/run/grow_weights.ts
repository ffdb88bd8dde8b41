import type { NetworkConfig } from "../../model/network/config.ts";
import { describeNetwork, type TensorSpec } from "../../model/network/count_ops.ts";
import type { TensorData } from "../../model/weights/safetensors.ts";

/**
 * Weights of a smaller network as those of a larger one that computes the same: new input channels (the neighbouring frames)
 * are not looked at yet, new residual blocks add nothing yet (after Net2Net; Chen, Goodfellow and Shlens, ICLR 2016).
 *
 * @param fresh Random weights of the larger network, by name: what a new residual block starts from.
 * @returns `undefined` where the networks differ otherwise.
 */
export function growWeights(
  tensors: ReadonlyMap<string, TensorData>,
  from: NetworkConfig,
  to: NetworkConfig,
  fresh: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> | undefined {
  const rest = ({ frames: _, residualBlocks: __, ...others }: NetworkConfig) =>
    JSON.stringify(Object.entries(others).sort());
  if (rest(from) !== rest(to) || from.frames > to.frames || from.residualBlocks > to.residualBlocks) {
    return undefined;
  }
  return new Map(
    describeNetwork(to).tensors.map((spec) => {
      const old = tensors.get(spec.name);
      return [spec.name, old === undefined ? newTensor(spec, fresh) : withMoreInputs(old, spec)];
    }),
  );
}

function newTensor({ name, shape }: TensorSpec, fresh: ReadonlyMap<string, Float32Array>): Float32Array {
  const data = fresh.get(name)?.slice() ??
    new Float32Array(shape.reduce((product, side) => product * side, 1));
  return /\.second\.(?:weight|bias)$/.test(name) ? data.fill(0) : data;
}

/** A kernel `[k, k, in, out]` that reads more channels, the new ones with zeros. */
function withMoreInputs({ data, shape: old }: TensorData, { shape }: TensorSpec): Float32Array {
  if (old.join() === shape.join()) return data.slice();
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const before = (old[2] ?? 0) * outputs;
  const grown = new Float32Array(height * width * inputs * outputs);
  for (let tap = 0; tap < height * width; tap++) {
    grown.set(data.subarray(tap * before, (tap + 1) * before), tap * inputs * outputs);
  }
  return grown;
}
