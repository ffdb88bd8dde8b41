import type * as tfjs from "@tensorflow/tfjs-core";
import type { Batch } from "../batch/batch.ts";

/** What training changes, each all tensors of the network in one row; see {@linkcode FlatWeights}. */
export interface TrainingState {
  readonly weights: tfjs.Tensor;
  /** Their running average; the weights themselves where none is kept. */
  readonly average: tfjs.Tensor;
  /** Adam's running mean of the gradient. */
  readonly m: tfjs.Tensor;
  /** Adam's running mean of the gradient's square. */
  readonly v: tfjs.Tensor;
}

/** What decides how far one step goes. */
export interface StepSettings {
  /** Learning rate, with Adam's bias correction of the step in it. */
  readonly stepSize: number;
  /** Decay of the running average; 0 makes it the weights. */
  readonly decay: number;
}

/** What one step measured, before the weights moved. */
export interface StepResult {
  readonly loss: number;
  /** The loss of handing the blurry picture back: what there is to beat. */
  readonly lossOfNothing: number;
  /** Mean absolute difference between restored and blurry picture; 0 is a dead network. */
  readonly change: number;
}

/** Computes training steps. Disposing it frees what it loaded. */
export interface Learner extends Disposable {
  /**
   * Learns from one batch: the network forwards and backwards, Adam (Kingma and Ba, 2014), the running average.
   *
   * @returns New tensors, the caller's to dispose as those handed in still are.
   */
  step(
    state: TrainingState,
    batch: Batch,
    settings: StepSettings,
  ): Promise<StepResult & { readonly state: TrainingState }>;
}
