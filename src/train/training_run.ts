import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../model/count_ops.ts";
import type { TensorFlow, WeightTensors } from "../model/tfjs_ops.ts";
import { Adam, type Moments } from "./adam.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import type { Batch } from "./make_batch.ts";
import { trainStep } from "./train_step.ts";

/** Steps before which a network that changes nothing is only young. */
const YOUNG_STEPS = 100;

/** The tensors of a run: weights, their running average, what Adam remembers. Disposing it frees them. */
export class TrainingRun implements Disposable {
  readonly #tf: TensorFlow;
  readonly #start: Checkpoint;
  readonly #config: TrainConfig;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #variables = new Map<string, tfjs.Variable>();
  readonly #averages = new Map<string, tfjs.Tensor>();
  readonly #adam: Adam;
  #steps: number;

  /** Goes on from `start`. @throws {TypeError} naming a tensor that is missing. */
  constructor(tf: TensorFlow, start: Checkpoint) {
    this.#tf = tf;
    this.#start = start;
    this.#config = start.config;
    this.#steps = start.step;
    const { tensors } = describeNetwork(start.config.network);
    this.#shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
    const missing = tensors.find(({ name }) => !start.weights.has(name));
    if (missing) throw new TypeError(`Cannot start training: no weights named "${missing.name}"`);
    const moments = new Map<string, Moments<tfjs.Tensor>>();
    for (const name of this.#shapes.keys()) {
      const value = this.#tensor(start.weights.get(name), name);
      this.#variables.set(name, tf.variable(value, true, name));
      value.dispose();
      if (this.#config.averageDecay > 0) {
        this.#averages.set(name, this.#tensor(start.average.get(name), name));
      }
      const moment = start.moments.get(name);
      if (moment !== undefined) {
        const { m, v } = moment;
        moments.set(name, { m: this.#tensor(m, name), v: this.#tensor(v, name) });
      }
    }
    this.#adam = new Adam(tf, this.#config.adam, moments);
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps;
  }

  /** The weights worth keeping: the running average where there is one. */
  get shipped(): WeightTensors {
    return this.#averages.size > 0 ? this.#averages : this.#variables;
  }

  /**
   * Learns from one batch.
   *
   * @returns The loss before the step, beside that of handing the blurry picture back.
   * @throws {RangeError} if the loss is not a number, or the network hands its input back unchanged; nothing is learnt then.
   */
  async step(batch: Batch, rate: number): Promise<{ loss: number; lossOfNothing: number }> {
    const { gradients, ...measured } = await trainStep(this.#tf, this.#config, this.#variables, batch);
    try {
      refuseFailure(measured, this.#steps);
      this.#adam.apply(this.#variables, gradients, this.#steps + 1, rate);
    } finally {
      this.#tf.dispose(gradients);
    }
    this.#average();
    this.#steps++;
    const { loss, lossOfNothing } = measured;
    return { loss, lossOfNothing };
  }

  /** All that is needed to go on from here. */
  async checkpoint(seconds: number): Promise<Checkpoint> {
    const { config, seed } = this.#start;
    const moments = new Map<string, Moments<Float32Array>>();
    for (const [name, { m, v }] of this.#adam.moments) {
      moments.set(name, { m: await valuesOf(m), v: await valuesOf(v) });
    }
    const weights = await allValues(this.#variables);
    const average = await allValues(this.shipped);
    return { config, seed, step: this.#steps, seconds, weights, average, moments };
  }

  [Symbol.dispose](): void {
    this.#adam.dispose();
    for (const tensors of [this.#variables, this.#averages]) {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    }
  }

  /** Moves the running average; young averages forget faster, so that the random start does not linger. */
  #average(): void {
    const tf = this.#tf;
    const decay = Math.min(this.#config.averageDecay, (this.#steps + 1) / (this.#steps + 10));
    for (const [name, before] of this.#averages) {
      const variable = this.#variables.get(name) as tfjs.Variable;
      this.#averages.set(name, tf.tidy(() => tf.add(tf.mul(before, decay), tf.mul(variable, 1 - decay))));
      before.dispose();
    }
  }

  #tensor(values: Float32Array | undefined, name: string): tfjs.Tensor {
    if (values === undefined) throw new TypeError(`Cannot start training: no values for "${name}"`);
    // A copy: a backend may compute in the very array it was given.
    return this.#tf.tensor(values.slice(), [...this.#shapes.get(name) ?? []], "float32");
  }
}

function refuseFailure({ loss, change }: { loss: number; change: number }, steps: number): void {
  const stop = (why: string) => {
    throw new RangeError(`Training stopped at step ${steps}: ${why}; wanted a lower learning rate`);
  };
  if (!Number.isFinite(loss)) stop(`the loss is ${loss}`);
  if (steps >= YOUNG_STEPS && change < 1e-6) {
    stop("the network hands its input back unchanged (dead ReLUs)");
  }
}

async function allValues(tensors: WeightTensors): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) values.set(name, await valuesOf(tensor));
  return values;
}

function valuesOf(tensor: tfjs.Tensor): Promise<Float32Array> {
  return tensor.data<"float32">();
}
