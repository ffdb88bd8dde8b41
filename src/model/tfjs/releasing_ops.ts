import type * as tfjs from "@tensorflow/tfjs-core";
import type { ConvSpec, Ops } from "../network/ops.ts";
import type { TensorFlow } from "./tfjs_ops.ts";
import type { Trace } from "../network/trace_network.ts";

/**
 * Computes as `ops` does, and frees each value once the network needs it no more; `tf.tidy` alone would keep all of
 * them until the end. For one run, without gradients.
 *
 * @param inputs What the network is given, in the order of the trace, freed like the others.
 */
export function releasingOps(
  tf: TensorFlow,
  ops: Ops<tfjs.Tensor4D>,
  { values }: Trace,
  inputs: readonly tfjs.Tensor4D[],
): Ops<tfjs.Tensor4D> {
  const alive: tfjs.Tensor4D[] = [...inputs];
  const keep = (compute: () => tfjs.Tensor4D) => {
    const step = alive.length;
    const made = tf.tidy(compute);
    alive.push(made);
    values.forEach(({ lastUse }, i) => {
      if (lastUse === step && i < step) alive[i]?.dispose();
    });
    return made;
  };
  return {
    conv: (x, layer, spec: ConvSpec) => keep(() => ops.conv(x, layer, spec)),
    deconv: (x, layer, spec: ConvSpec) => keep(() => ops.deconv(x, layer, spec)),
    relu: (x) => keep(() => ops.relu(x)),
    add: (a, b) => keep(() => ops.add(a, b)),
    scale: (x, factor) => keep(() => ops.scale(x, factor)),
    concat: (parts) => keep(() => ops.concat(parts)),
    halve: (x) => keep(() => ops.halve(x)),
    enlarge: (x, times) => keep(() => ops.enlarge(x, times)),
  };
}
