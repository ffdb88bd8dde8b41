import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../model/tfjs_ops.ts";
import type { TrainConfig } from "./config.ts";
import { muonDirection } from "./muon.ts";

/** What an optimizer remembers of one variable: the first moment, and Adam's second one. */
export interface Moments<T> {
  /** Running mean of the gradient. */
  readonly m: T;
  /** Running mean of its square. */
  readonly v?: T;
}

/**
 * Adam (Kingma and Ba, 2014), or Muon for the kernels between the picture layers and Adam for the rest. Moments are keyed
 * by tensor name so that a checkpoint can hold them: a run that is resumed takes the very steps it would have taken.
 * (tfjs's own Adam restores the powers of β by another formula.)
 */
export class Optimizer {
  readonly #tf: TensorFlow;
  readonly #config: Pick<TrainConfig, "optimizer" | "adam">;
  /** Owned by this object. */
  readonly moments: Map<string, Moments<tfjs.Tensor>>;

  /** @param moments What a checkpoint held; empty at the start of a run. */
  constructor(
    tf: TensorFlow,
    config: Pick<TrainConfig, "optimizer" | "adam">,
    moments: Map<string, Moments<tfjs.Tensor>> = new Map(),
  ) {
    this.#tf = tf;
    this.#config = config;
    this.moments = moments;
  }

  /** One step down `gradients`. @param step Counts from 1; the power of β in Adam's bias correction. */
  apply(
    variables: ReadonlyMap<string, tfjs.Variable>,
    gradients: tfjs.NamedTensorMap,
    step: number,
    rate: number,
  ): void {
    const tf = this.#tf;
    for (const [name, variable] of variables) {
      const gradient = gradients[name];
      if (gradient === undefined) throw new TypeError(`Cannot update "${name}": it has no gradient`);
      const before = this.moments.get(name);
      const isMuon = this.#config.optimizer === "muon" && isInnerKernel(name);
      const after = tf.tidy(() => {
        const { update, ...after } = isMuon
          ? muonDirection(tf, gradient, before?.m)
          : this.#adam(gradient, before, step);
        variable.assign(tf.sub(variable, tf.mul(update, rate)) as tfjs.Tensor<tfjs.Rank>);
        return after;
      });
      tf.dispose({ ...before });
      this.moments.set(name, after);
    }
  }

  dispose(): void {
    for (const moments of this.moments.values()) this.#tf.dispose({ ...moments });
    this.moments.clear();
  }

  #adam(gradient: tfjs.Tensor, before: Moments<tfjs.Tensor> | undefined, step: number) {
    const tf = this.#tf;
    const { beta1, beta2, epsilon } = this.#config.adam;
    const m = tf.add(tf.mul(before?.m ?? tf.zerosLike(gradient), beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add(
      tf.mul(before?.v ?? tf.zerosLike(gradient), beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const correction = Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
    return { m, v, update: tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), correction) };
  }
}

/** Kernels from features to features; Muon is not meant for a network's first and last layers. */
function isInnerKernel(name: string): boolean {
  return name.endsWith(".weight") && !/^(encoder\.0\.conv|up\.0|down\.0)\b/.test(name);
}
