import type { NetworkConfig } from "../../model/network/config.ts";
import { describeNetwork, type TensorSpec } from "../../model/network/count_ops.ts";
import type { TensorData } from "../../model/weights/safetensors.ts";

/** Whether weights of `from` can become weights of `to`: it has the same or more residual blocks, any number of frames, and is equal otherwise. */
export function canGrow(from: NetworkConfig, to: NetworkConfig): boolean {
  const rest = ({ frames: _, residualBlocks: __, ...others }: NetworkConfig) =>
    JSON.stringify(Object.entries(others).sort());
  return rest(from) === rest(to) && from.residualBlocks <= to.residualBlocks;
}

/**
 * Extends weights of a smaller network to those of a larger one that computes the same: the weights of new input channels (the neighbouring
 * frames) and the outputs of new residual blocks are zero (after Net2Net; Chen, Goodfellow and Shlens, ICLR 2016). A network of one frame that is
 * made from one of three computes what that does without neighbours.
 *
 * @param fresh Random weights of the larger network, by name, for new residual blocks.
 * @returns `undefined` if the networks do not fit, see {@linkcode canGrow}. Tensors that are missing in `tensors` are missing here.
 */
export function growWeights(
  tensors: ReadonlyMap<string, TensorData>,
  from: NetworkConfig,
  to: NetworkConfig,
  fresh: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> | undefined {
  if (!canGrow(from, to)) return undefined;
  const known = new Set(describeNetwork(from).tensors.map(({ name }) => name));
  return new Map(
    describeNetwork(to).tensors.flatMap((spec): [string, Float32Array][] => {
      if (!known.has(spec.name)) return [[spec.name, newTensor(spec, fresh)]];
      const old = tensors.get(spec.name);
      return old === undefined ? [] : [[spec.name, withInputs(old, spec)]];
    }),
  );
}

function newTensor({ name, shape }: TensorSpec, fresh: ReadonlyMap<string, Float32Array>): Float32Array {
  const data = fresh.get(name)?.slice() ??
    new Float32Array(shape.reduce((product, side) => product * side, 1));
  return /\.second\.(?:weight|bias)$/.test(name) ? data.fill(0) : data;
}

/** A kernel `[k, k, in, out]` with more input channels, whose weights are zero, or without the last ones. */
function withInputs({ data, shape: old }: TensorData, { shape }: TensorSpec): Float32Array {
  if (old.join() === shape.join()) return data.slice();
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const [before, after] = [(old[2] ?? 0) * outputs, inputs * outputs];
  const kernel = new Float32Array(height * width * after);
  for (let tap = 0; tap < height * width; tap++) {
    kernel.set(data.subarray(tap * before, tap * before + Math.min(before, after)), tap * after);
  }
  return kernel;
}
