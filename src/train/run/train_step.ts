import type * as tfjs from "@tensorflow/tfjs-core";
import { mtdn } from "../../model/network/network.ts";
import { type TensorFlow, tfjsOps } from "../../model/tfjs/tfjs_ops.ts";
import type { TrainConfig } from "../config.ts";
import { multiScaleLoss } from "./loss.ts";
import type { Batch } from "../batch/make_batch.ts";
import type { FlatWeights } from "./flat_weights.ts";

/** What one step measured, before the weights move. */
export interface StepResult {
  readonly loss: number;
  /** The loss of handing the blurry picture back: what there is to beat. */
  readonly lossOfNothing: number;
  /** Mean absolute difference between restored and blurry picture; 0 is a dead network. */
  readonly change: number;
  /** Of the row of weights. Owned by the caller. */
  readonly gradient: tfjs.Tensor;
}

/** Runs the network forwards and backwards on one batch. @param row Its weights. @param layout How they lie in it. */
export async function trainStep(
  tf: TensorFlow,
  config: TrainConfig,
  { row, layout }: { readonly row: tfjs.Variable; readonly layout: FlatWeights },
  batch: Batch,
): Promise<StepResult> {
  const shape: [number, number, number, number] = [config.batch, config.crop, config.crop, 3];
  const kept: tfjs.Tensor[] = [];
  const { value, grads } = tf.tidy(() => {
    const blurry = tf.tensor4d(batch.blurry, shape);
    const sharp = tf.tensor4d(batch.sharp, shape);
    const forward = () => {
      const scales = mtdn(tfjsOps(tf, layout.tensors(tf, row)), config.network, blurry);
      const images = scales.map(({ image }) => image);
      kept.push(
        tf.keep(multiScaleLoss(tf, config, scales.map(({ blurry }) => blurry), { blurry, sharp })),
        tf.keep(tf.mean(tf.abs(tf.sub(images.at(-1) ?? blurry, blurry)))),
      );
      return multiScaleLoss(tf, config, images, { blurry, sharp });
    };
    return tf.variableGrads(forward, [row]);
  });
  // WebGPU in Deno cannot be read synchronously.
  const measured = await Promise.all([value, ...kept].map((tensor) => tensor.data()));
  const [loss = NaN, lossOfNothing = NaN, change = NaN] = measured.map(([number]) => number);
  tf.dispose([value, ...kept]);
  const gradient = grads[row.name];
  if (gradient === undefined) throw new TypeError("Cannot train: the weights have no gradient");
  return { loss, lossOfNothing, change, gradient };
}
