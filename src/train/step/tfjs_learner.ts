import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../../model/network/count_ops.ts";
import { mtdn } from "../../model/network/network.ts";
import { type TensorFlow, tfjsOps } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { TrainConfig } from "../config.ts";
import { batchTensors } from "./batch_tensors.ts";
import { FlatWeights } from "./flat_weights.ts";
import type { Learner, StepResult, StepSettings, TrainingState } from "./learner.ts";
import { multiScaleLoss } from "./loss.ts";

/** Computes training steps operation by operation, on any backend of TensorFlow.js. */
export class TfjsLearner implements Learner {
  readonly #tf: TensorFlow;
  readonly #config: TrainConfig;
  readonly #layout: FlatWeights;

  constructor(tf: TensorFlow, config: TrainConfig) {
    this.#tf = tf;
    this.#config = config;
    this.#layout = new FlatWeights(describeNetwork(config.network).tensors);
  }

  async step(
    state: TrainingState,
    batch: Batch,
    settings: StepSettings,
  ): Promise<StepResult & { readonly state: TrainingState }> {
    const tf = this.#tf;
    const made = tf.tidy(() => {
      const { gradient, ...figures } = this.#differentiate(state.weights, batch);
      return { figures, state: { ...adamStep(tf, this.#config.adam, state, gradient, settings) } };
    });
    try {
      // Tensors cannot be read synchronously on WebGPU in Deno.
      const { loss, lossOfNothing, change } = made.figures;
      const read = await Promise.all([loss, lossOfNothing, change].map((figure) => figure.data()));
      const [a = NaN, b = NaN, c = NaN] = read.map(([number]) => number);
      return { loss: a, lossOfNothing: b, change: c, state: made.state };
    } finally {
      tf.dispose(made.figures);
    }
  }

  [Symbol.dispose](): void {}

  #differentiate(row: tfjs.Tensor, batch: Batch) {
    const tf = this.#tf;
    const config = this.#config;
    const { blurry, sharp, neighbours } = batchTensors(tf, config, batch);
    const kept: tfjs.Tensor[] = [];
    const forward = (row: tfjs.Tensor) => {
      const scales = mtdn(tfjsOps(tf, this.#layout.tensors(tf, row)), config.network, blurry, neighbours);
      const images = scales.map(({ image }) => image);
      const untouched = scales.map(({ blurry }) => blurry);
      kept.push(
        tf.keep(multiScaleLoss(tf, config, untouched, { blurry, sharp })),
        tf.keep(tf.mean(tf.abs(tf.sub(images.at(-1) ?? blurry, blurry)))),
      );
      return multiScaleLoss(tf, config, images, { blurry, sharp });
    };
    const { value: loss, grad: gradient } = tf.valueAndGrad(forward)(row);
    const [lossOfNothing, change] = kept as [tfjs.Tensor, tfjs.Tensor];
    return { loss, lossOfNothing, change, gradient };
  }
}

/** One step of Adam, and the update of the running average. Call it inside `tf.tidy`. */
export function adamStep(
  tf: TensorFlow,
  { beta1, beta2, epsilon }: TrainConfig["adam"],
  state: TrainingState,
  gradient: tfjs.Tensor,
  { stepSize, decay }: StepSettings,
): TrainingState {
  const m = tf.add(tf.mul(state.m, beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(state.v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const weights = tf.sub(state.weights, tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), stepSize));
  const average = tf.add(weights, tf.mul(tf.sub(state.average, weights), decay));
  return { weights, average, m, v };
}

/** The rate of step `step` (from 1) with Adam's bias correction. */
export function adamStepSize({ beta1, beta2 }: TrainConfig["adam"], rate: number, step: number): number {
  return rate * Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
}
