import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../model/count_ops.ts";
import type { TensorFlow } from "../model/tfjs_ops.ts";
import { Batches } from "./batches.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { learningRate, type TrainConfig } from "./config.ts";
import type { PairFiles } from "./dataset.ts";
import { initialWeights } from "./initial_weights.ts";
import { type Moments, Optimizer } from "./optimizer.ts";
import { loadTensorFlow, type TrainDevice } from "./tensorflow.ts";
import { trainStep } from "./train_step.ts";

/** What happened in a run; one line each of `metrics.jsonl`. */
export interface StepMetrics {
  readonly step: number;
  readonly loss: number;
  /** The loss of handing the blurry picture back. */
  readonly lossOfNothing: number;
  readonly rate: number;
  /** Seconds trained, over all resumed parts. */
  readonly seconds: number;
}

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Real pairs and sharp pictures (paths) to learn from. */
  readonly data: { readonly pairs: readonly PairFiles[]; readonly photos: readonly string[] };
  /** Folder of the run: checkpoint and metrics. */
  readonly directory: string;
  /** @default {"tensorflow"} */
  readonly device?: TrainDevice;
  /** Stop after so many minutes; the learning rate then follows time instead of steps. */
  readonly minutes?: number;
  /** Weights to start from, by name, instead of random ones. */
  readonly init?: ReadonlyMap<string, Float32Array>;
  /** Go on from the checkpoint in `directory`. @default {false} */
  readonly resume?: boolean;
  /** @default {1} */
  readonly seed?: number;
  /** @default {5} */
  readonly checkpointMinutes?: number;
  /** Steps between calls of `onValidate`. @default {1000} */
  readonly validateEvery?: number;
  /** Called after every step. */
  readonly onStep?: (metrics: StepMetrics) => void;
  /** Called with the weights that would be shipped now. They are disposed when it returns. */
  readonly onValidate?: (
    tf: TensorFlow,
    weights: ReadonlyMap<string, tfjs.Tensor>,
    metrics: StepMetrics,
  ) => Promise<void>;
  /** Stops after the step that is running; a checkpoint is written. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a network (section 4 of the paper) and leaves a checkpoint in `directory`.
 *
 * @returns The checkpoint: weights, their running average, optimizer state and step.
 * @throws {EngineError} if the device cannot be used.
 * @throws {RangeError} if the loss is not a number any more or the network hands its input back unchanged.
 */
export async function train(config: TrainConfig, options: TrainOptions): Promise<Checkpoint> {
  const { directory, device = "tensorflow", minutes, seed = 1, signal } = options;
  const start = options.resume ? await readCheckpoint(directory) : beginning(config, seed, options.init);
  config = start.config;

  const tf = await loadTensorFlow(device);
  const run = new Run(tf, start);
  using batches = await Batches.open({ ...options.data, config, seed: start.seed, firstStep: start.step });

  const startedAt = performance.now() - start.seconds * 1000;
  const seconds = () => (performance.now() - startedAt) / 1000;
  const progress = () => minutes === undefined ? run.step / config.steps : seconds() / 60 / minutes;
  let savedAt = seconds();
  try {
    while (progress() < 1 && !signal?.aborted) {
      const rate = learningRate(config, progress());
      const batch = await batches.next();
      const result = trainStep(tf, config, run.variables, batch);
      refuseFailure(result, run.step);
      run.optimizer.apply(run.variables, result.gradients, run.step + 1, rate);
      tf.dispose(result.gradients);
      run.average(config.averageDecay);
      run.step++;

      const metrics = {
        step: run.step,
        loss: result.loss,
        lossOfNothing: result.lossOfNothing,
        rate,
        seconds: seconds(),
      };
      options.onStep?.(metrics);
      if (run.step % (options.validateEvery ?? 1000) === 0) {
        await options.onValidate?.(tf, run.shipped, metrics);
      }
      if (seconds() - savedAt > (options.checkpointMinutes ?? 5) * 60) {
        await writeCheckpoint(directory, run.checkpoint(start, seconds()));
        savedAt = seconds();
      }
    }
    const end = run.checkpoint(start, seconds());
    await writeCheckpoint(directory, end);
    return end;
  } finally {
    run.dispose();
  }
}

function beginning(config: TrainConfig, seed: number, init?: ReadonlyMap<string, Float32Array>): Checkpoint {
  const weights = init ?? initialWeights(describeNetwork(config.network).tensors, config, seed);
  return { config, seed, step: 0, seconds: 0, weights, average: weights, moments: new Map() };
}

function refuseFailure(result: { loss: number; change: number }, step: number): void {
  if (!Number.isFinite(result.loss)) {
    throw new RangeError(
      `Training stopped at step ${step}: the loss is ${result.loss}; a lower learning rate is wanted`,
    );
  }
  if (step >= 100 && result.change < 1e-6) {
    throw new RangeError(
      `Training stopped at step ${step}: the network hands its input back unchanged (dead ReLUs); a lower learning rate is wanted`,
    );
  }
}

function values(tensor: tfjs.Tensor): Float32Array {
  return tensor.dataSync<"float32">();
}

/** The tensors of a run. */
class Run {
  readonly variables = new Map<string, tfjs.Variable>();
  readonly optimizer: Optimizer;
  readonly #averages = new Map<string, tfjs.Tensor>();
  readonly #tf: TensorFlow;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  step: number;

  constructor(tf: TensorFlow, start: Checkpoint) {
    this.#tf = tf;
    this.step = start.step;
    this.#shapes = new Map(
      describeNetwork(start.config.network).tensors.map(({ name, shape }) => [name, shape]),
    );
    const moments = new Map<string, Moments<tfjs.Tensor>>();
    for (const name of this.#shapes.keys()) {
      const value = this.#tensor(start.weights, name);
      this.variables.set(name, tf.variable(value, true, name));
      value.dispose();
      if (start.config.averageDecay > 0) this.#averages.set(name, this.#tensor(start.average, name));
      const moment = start.moments.get(name);
      if (moment !== undefined) {
        const shape = [...this.#shapes.get(name) ?? []];
        const { m, v } = moment;
        moments.set(name, { m: tf.tensor(m, shape), ...(v && { v: tf.tensor(v, shape) }) });
      }
    }
    this.optimizer = new Optimizer(tf, start.config, moments);
  }

  /** The weights worth keeping: the running average where there is one. */
  get shipped(): ReadonlyMap<string, tfjs.Tensor> {
    return this.#averages.size > 0 ? this.#averages : this.variables;
  }

  /** Moves the running average; young averages forget faster, so that the random start does not linger. */
  average(decay: number): void {
    const tf = this.#tf;
    const young = Math.min(decay, (this.step + 1) / (this.step + 10));
    for (const [name, before] of this.#averages) {
      const variable = this.variables.get(name) as tfjs.Variable;
      this.#averages.set(name, tf.tidy(() => tf.add(tf.mul(before, young), tf.mul(variable, 1 - young))));
      before.dispose();
    }
  }

  checkpoint({ config, seed }: Checkpoint, seconds: number): Checkpoint {
    const read = (tensors: ReadonlyMap<string, tfjs.Tensor>) =>
      new Map([...tensors].map(([name, tensor]) => [name, values(tensor)]));
    const moments = new Map(
      [...this.optimizer.moments].map(([name, { m, v }]) =>
        [name, { m: values(m), ...(v && { v: values(v) }) }] as const
      ),
    );
    return {
      config,
      seed,
      step: this.step,
      seconds,
      weights: read(this.variables),
      average: read(this.shipped),
      moments,
    };
  }

  dispose(): void {
    this.optimizer.dispose();
    for (const tensors of [this.variables, this.#averages]) {
      for (const tensor of tensors.values()) tensor.dispose();
    }
  }

  #tensor(values: ReadonlyMap<string, Float32Array>, name: string): tfjs.Tensor {
    const data = values.get(name);
    if (data === undefined) throw new TypeError(`Cannot start training: no weights named "${name}"`);
    return this.#tf.tensor(data, [...this.#shapes.get(name) ?? []], "float32");
  }
}
