import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { TrainConfig } from "../config.ts";

/** What Adam remembers of one variable: the running means of its gradient and of the gradient's square. */
export interface Moments<T> {
  /** First moment. */
  readonly m: T;
  /** Second moment. */
  readonly v: T;
}

/**
 * Adam (Kingma and Ba, 2014), with moments keyed by tensor name so that a checkpoint can hold them: a run that is
 * resumed takes the very steps it would have taken. (tfjs's own restores the powers of β by another formula.)
 */
export class Adam {
  readonly #tf: TensorFlow;
  readonly #options: TrainConfig["adam"];
  /** Owned by this object. */
  readonly moments: Map<string, Moments<tfjs.Tensor>>;

  /** @param moments What a checkpoint held; empty at the start of a run. */
  constructor(
    tf: TensorFlow,
    options: TrainConfig["adam"],
    moments: Map<string, Moments<tfjs.Tensor>> = new Map(),
  ) {
    this.#tf = tf;
    this.#options = options;
    this.moments = moments;
  }

  /** One step down `gradients`. @param step Counts from 1; the power of β in the bias correction. */
  apply(
    variables: ReadonlyMap<string, tfjs.Variable>,
    gradients: tfjs.NamedTensorMap,
    step: number,
    rate: number,
  ): void {
    const tf = this.#tf;
    const { beta1, beta2, epsilon } = this.#options;
    const stepSize = rate * Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
    for (const [name, variable] of variables) {
      const gradient = gradients[name];
      if (gradient === undefined) throw new TypeError(`Cannot update "${name}": it has no gradient`);
      const before = this.moments.get(name);
      const after = tf.tidy(() => {
        const m = tf.add(tf.mul(before?.m ?? tf.zerosLike(gradient), beta1), tf.mul(gradient, 1 - beta1));
        const v = tf.add(
          tf.mul(before?.v ?? tf.zerosLike(gradient), beta2),
          tf.mul(tf.square(gradient), 1 - beta2),
        );
        const move = tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), stepSize);
        variable.assign(tf.sub(variable, move) as tfjs.Tensor<tfjs.Rank>);
        return { m, v };
      });
      tf.dispose({ ...before });
      this.moments.set(name, after);
    }
  }

  /** Frees the moments. */
  dispose(): void {
    for (const moments of this.moments.values()) this.#tf.dispose({ ...moments });
    this.moments.clear();
  }
}
