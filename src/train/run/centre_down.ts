import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../../model/network/count_ops.ts";
import { mtdn } from "../../model/network/network.ts";
import { type TensorFlow, tfjsOps } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { TrainConfig } from "../config.ts";
import { batchTensors } from "../step/batch_tensors.ts";
import { FlatWeights } from "../step/flat_weights.ts";

/**
 * Makes the mean of *down* zero over a batch: what it adds to every pixel alike moves from its last bias to that of *up*. The result stays
 * the same, and so does the loss, which sees only the sum of both (eq. 1): without this the branches drift apart until each is black or
 * white when shown alone.
 *
 * @returns The weights with other biases; of a one-way network, the same.
 * @throws {TypeError} naming a tensor that is missing.
 */
export async function centreDown(
  tf: TensorFlow,
  config: Pick<TrainConfig, "network" | "batch" | "crop">,
  weights: ReadonlyMap<string, Float32Array>,
  batch: Batch,
): Promise<ReadonlyMap<string, Float32Array>> {
  if (!config.network.twoWay) return weights;
  const layout = new FlatWeights(describeNetwork(config.network).tensors);
  const row = layout.pack(weights, "weights");
  const means = tf.tidy(() => {
    const { blurry, neighbours } = batchTensors(tf, config, batch);
    const ops = tfjsOps(tf, layout.tensors(tf, tf.tensor1d(row)));
    const finest = mtdn(ops, config.network, blurry, neighbours).at(-1);
    return tf.mean(finest?.down ?? tf.zeros<tfjs.Rank.R4>([1, 1, 1, 3]), [0, 1, 2]);
  });
  const constant = await means.data();
  means.dispose();
  const moved = (name: string, sign: number, bias: Float32Array) =>
    [name, bias.map((value, channel) => value + sign * (constant[channel] ?? 0))] as const;
  return new Map(Array.from(weights, ([name, values]) => {
    if (/^up\.0\.\w+\.bias$/.test(name)) return moved(name, 1, values);
    if (/^down\.0\.\w+\.bias$/.test(name)) return moved(name, -1, values);
    return [name, values] as const;
  }));
}
