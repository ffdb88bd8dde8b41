import type * as tfjs from "@tensorflow/tfjs-core";
import type { Batch } from "../batch/batch.ts";

/** What training changes, each as one flat tensor; see {@linkcode FlatWeights}. */
export interface TrainingState {
  readonly weights: tfjs.Tensor;
  /** Their running average; the weights themselves if there is no average. */
  readonly average: tfjs.Tensor;
  /** Adam's running mean of the gradient. */
  readonly m: tfjs.Tensor;
  /** Adam's running mean of the gradient's square. */
  readonly v: tfjs.Tensor;
}

/** Settings of one step. */
export interface StepSettings {
  /** Learning rate, including Adam's bias correction. */
  readonly stepSize: number;
  /** Decay of the running average; with 0 it is the weights. */
  readonly decay: number;
}

/** Metrics of one step, before the weights change. */
export interface StepResult {
  readonly loss: number;
  /** The loss of the unchanged blurry pictures. */
  readonly lossOfNothing: number;
  /** Mean absolute difference between restored and blurry pictures; 0 if the network is dead. */
  readonly change: number;
}

/** Computes training steps. Disposing it frees its memory. */
export interface Learner extends Disposable {
  /**
   * Trains on one batch: forward and backward pass, Adam (Kingma and Ba, 2014), the running average.
   *
   * @returns New tensors; the caller disposes them, and the given ones.
   */
  step(
    state: TrainingState,
    batch: Batch,
    settings: StepSettings,
  ): Promise<StepResult & { readonly state: TrainingState }>;
}
