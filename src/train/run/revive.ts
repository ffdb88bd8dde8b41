import { describeNetwork, type TensorSpec } from "../../model/network/count_ops.ts";
import type { Checkpoint, Moments } from "./checkpoint.ts";
import { initialWeights } from "./initial_weights.ts";

/** A unit is dead if the mean squared gradient of its bias is below this share of its layer's median. */
const DEAD = 0.01;
/** Share of the initial weights: small, because other layers write to the channel too, and later layers read it. */
const GENTLY = 0.1;

/**
 * Restarts dead units: a ReLU that is never active gets no gradient and stays so (after 30 000 steps, a third of the fast preset's first
 * layer). They are recognised by Adam's second moment of their bias, which decays. A dead unit gets its initial weights again; if only the
 * next layer reads it, inside a residual block, that layer's weights of it are set to 0, so that the network's output does not change.
 * After Sokar et al., "The dormant neuron phenomenon" (ICML 2023).
 *
 * @returns The run with the restarted units, and their number.
 */
export function reviveUnits(run: Checkpoint): { readonly run: Checkpoint; readonly revived: number } {
  const { tensors } = describeNetwork(run.config.network);
  const initial = initialWeights(tensors, run.config, run.seed);
  const weights = copied(run.weights);
  const average = copied(run.average);
  const moments = new Map(
    [...run.moments].map(([name, { m, v }]) => [name, { m: m.slice(), v: v.slice() }] as const),
  );
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  /** Sets the values of one unit in a tensor and in its running average, and clears its moments. */
  const reset = (name: string, unit: number, axis: number, value: (index: number) => number) => {
    const each = indicesOf(shapes.get(name) ?? [], axis, unit);
    const { m, v } = moments.get(name) ?? {};
    for (const index of each) {
      for (const values of [weights.get(name), average.get(name)]) if (values) values[index] = value(index);
      for (const values of [m, v]) if (values) values[index] = 0;
    }
  };
  let revived = 0;
  for (const { name: bias } of tensors.filter(isRectifiedBias)) {
    const layer = bias.slice(0, -".bias".length);
    const inner = layer.endsWith(".first");
    const own = (name: string) => (index: number) => (inner ? 1 : GENTLY) * (initial.get(name)?.[index] ?? 0);
    for (const unit of deadUnits(moments.get(bias))) {
      reset(bias, unit, 0, own(bias));
      reset(`${layer}.weight`, unit, layer.endsWith("deconv") ? 2 : 3, own(`${layer}.weight`));
      if (inner) reset(`${layer.slice(0, -"first".length)}second.weight`, unit, 2, () => 0);
      revived++;
    }
  }
  return { run: { ...run, weights, average, moments }, revived };
}

/** Biases of layers with a ReLU: all but the second of a residual block and the last of a picture. */
function isRectifiedBias({ name }: TensorSpec): boolean {
  return name.endsWith(".bias") && !name.endsWith(".second.bias") && !/^(up|down)\.0\./.test(name);
}

function deadUnits(bias: Moments<Float32Array> | undefined): number[] {
  if (bias === undefined) return [];
  const median = bias.v.toSorted()[bias.v.length >> 1] ?? 0;
  return [...bias.v.keys()].filter((unit) => (bias.v[unit] ?? 0) < DEAD * median);
}

/** Flat indices of the values whose index along `axis` is `unit`. */
function* indicesOf(shape: readonly number[], axis: number, unit: number): Generator<number> {
  const inside = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const step = inside * (shape[axis] ?? 1);
  const size = shape.reduce((product, side) => product * side, 1);
  for (let from = unit * inside; from < size; from += step) {
    for (let i = 0; i < inside; i++) yield from + i;
  }
}

function copied(values: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  return new Map([...values].map(([name, data]) => [name, data.slice()]));
}
