import { describeNetwork, type TensorSpec } from "../../model/network/count_ops.ts";
import type { Checkpoint, Moments } from "./checkpoint.ts";
import { initialWeights } from "./initial_weights.ts";

/** A unit whose bias has had gradients of less than this times its layer's median, squared, gets none worth the name. */
const DEAD = 0.01;
/** Of its initial weights: small enough not to disturb what reads the channel, which other layers write to as well. */
const GENTLY = 0.1;

/**
 * Starts dead units again: a ReLU that never opens any more gets no gradient and never will (after 30 000 steps a third of
 * the fast preset's first layer). Known by Adam's second moment of its bias, which such a unit lets fade. It gets
 * its initial weights again; where only the next layer reads it, inside a residual block, that layer's weights of it become 0,
 * so that the network still computes what it did. After Sokar et al., "The dormant neuron phenomenon" (ICML 2023).
 *
 * @returns The run with those units young again, and how many there were.
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
  /** Sets the values of one unit in a tensor and in its running average, and forgets its moments. */
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

/** Biases of the layers that a ReLU follows: all but a residual block's second and the pictures' last. */
function isRectifiedBias({ name }: TensorSpec): boolean {
  return name.endsWith(".bias") && !name.endsWith(".second.bias") && !/^(up|down)\.0\./.test(name);
}

function deadUnits(bias: Moments<Float32Array> | undefined): number[] {
  if (bias === undefined) return [];
  const median = bias.v.toSorted()[bias.v.length >> 1] ?? 0;
  return [...bias.v.keys()].filter((unit) => (bias.v[unit] ?? 0) < DEAD * median);
}

/** Flat places of the values whose index along `axis` is `unit`. */
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
