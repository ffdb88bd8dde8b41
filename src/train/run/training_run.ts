import { OptionError } from "../../errors.ts";
import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../../model/network/count_ops.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { Checkpoint, Moments } from "./checkpoint.ts";
import type { TrainConfig } from "../config.ts";
import { FlatWeights } from "../step/flat_weights.ts";
import type { Learner, TrainingState } from "../step/learner.ts";
import { reviveUnits } from "./revive.ts";
import { adamStepSize } from "../step/tfjs_learner.ts";

/** Steps before which an unchanged output is normal. */
const FIRST_STEPS = 100;

/** Limit of weights: those of a network for pictures from 0 to 1 are far smaller. */
const LARGEST_WEIGHT = 1e6;

/** A run in progress: its state and its number of steps. Disposing it frees the state. */
export class TrainingRun implements Disposable {
  readonly #tf: TensorFlow;
  readonly #start: Checkpoint;
  readonly #config: TrainConfig;
  readonly #layout: FlatWeights;
  #state: TrainingState;
  #steps: number;
  #crops: number;

  /** Continues from `start`. @throws {TypeError} naming a tensor that is missing. */
  constructor(tf: TensorFlow, start: Checkpoint) {
    this.#tf = tf;
    this.#start = start;
    this.#config = start.config;
    this.#steps = start.step;
    this.#crops = start.crops;
    this.#layout = new FlatWeights(describeNetwork(start.config.network).tensors);
    this.#state = this.#load(start);
  }

  #load({ weights, average, moments }: Checkpoint): TrainingState {
    const tf = this.#tf;
    const row = (values: ReadonlyMap<string, Float32Array>, what: string) =>
      tf.tensor1d(this.#layout.pack(values, what));
    const moment = (key: keyof Moments<unknown>, what: string) =>
      row(new Map([...moments].map(([name, both]) => [name, both[key]])), what);
    const loaded = { weights: row(weights, "weights"), average: row(average, "average") };
    if (moments.size > 0) {
      return { ...loaded, m: moment("m", "first moment"), v: moment("v", "second moment") };
    }
    return { ...loaded, m: tf.zerosLike(loaded.weights), v: tf.zerosLike(loaded.weights) };
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps;
  }

  /** Crops trained on. */
  get crops(): number {
    return this.#crops;
  }

  /** State that the next step starts from. */
  get state(): TrainingState {
    return this.#state;
  }

  /** The result so far: the running average of the weights, if there is one. The caller disposes it. */
  shipped(): Map<string, tfjs.Tensor> {
    return this.#layout.tensors(this.#tf, this.#state.average);
  }

  /**
   * Trains on one batch.
   *
   * @returns The loss before the step, and that of the unchanged blurry pictures.
   * @throws {OptionError} if the loss is not a number, or the network returns its input unchanged; the state is not changed then.
   */
  async step(learner: Learner, batch: Batch, rate: number): Promise<{ loss: number; lossOfNothing: number }> {
    const { adam, averageDecay } = this.#config;
    // A lower decay at the start, so that the random initial weights do not stay in the average.
    const decay = Math.min(averageDecay, (this.#steps + 1) / (this.#steps + 10));
    const settings = { stepSize: adamStepSize(adam, rate, this.#steps + 1), decay };
    const { state, loss, lossOfNothing, change } = await learner.step(this.#state, batch, settings);
    try {
      refuseFailure({ loss, change }, this.#steps);
    } catch (error) {
      this.#tf.dispose({ ...state });
      throw error;
    }
    this.#replace(state);
    this.#steps++;
    this.#crops += this.#config.batch;
    return { loss, lossOfNothing };
  }

  /** Restarts dead units, see {@linkcode reviveUnits}. @returns Their number. */
  async revive(): Promise<number> {
    const { run, revived } = reviveUnits(await this.checkpoint(0));
    if (revived > 0) this.#replace(this.#load(run));
    return revived;
  }

  /**
   * Checks the weights after the last step, as the loss of a next step would.
   *
   * @throws {OptionError} if a weight is not a number, or has exploded.
   */
  async refuseExploded(): Promise<void> {
    await this.#checkedValues(this.#state.weights);
    await this.#checkedValues(this.#state.average);
  }

  /** The values of a row of weights. @throws {OptionError} as {@linkcode TrainingRun.refuseExploded} does. */
  async #checkedValues(row: tfjs.Tensor, largest = LARGEST_WEIGHT, what = "weight"): Promise<Float32Array> {
    const values = await row.data<"float32">();
    const bad = values.find((value) => !(Math.abs(value) <= largest));
    if (bad !== undefined) stop(`a ${what} is ${bad}`, this.#steps);
    return values;
  }

  /** Everything that is needed to resume from here. @throws {OptionError} as {@linkcode TrainingRun.refuseExploded} does. */
  async checkpoint(seconds: number): Promise<Checkpoint> {
    const { weights: _, average: __, moments: ___, ...start } = this.#start;
    const weights = this.#layout.unpack(await this.#checkedValues(this.#state.weights));
    const average = this.#layout.unpack(await this.#checkedValues(this.#state.average));
    const moments = new Map<string, Moments<Float32Array>>();
    if (this.#steps > 0) {
      const values = async (row: tfjs.Tensor) =>
        this.#layout.unpack(await this.#checkedValues(row, Number.MAX_VALUE, "moment of Adam's"));
      const [all, squares] = [await values(this.#state.m), await values(this.#state.v)];
      for (const [name, m] of all) moments.set(name, { m, v: squares.get(name) as Float32Array });
    }
    return { ...start, step: this.#steps, crops: this.#crops, seconds, weights, average, moments };
  }

  [Symbol.dispose](): void {
    this.#tf.dispose({ ...this.#state });
  }

  #replace(state: TrainingState): void {
    this[Symbol.dispose]();
    this.#state = state;
  }
}

function refuseFailure({ loss, change }: { loss: number; change: number }, steps: number): void {
  if (!Number.isFinite(loss)) stop(`the loss is ${loss}`, steps);
  if (steps >= FIRST_STEPS && change < 1e-6) {
    stop("the network returns its input unchanged (dead ReLUs)", steps);
  }
}

function stop(why: string, steps: number): never {
  throw new OptionError(`Training stopped at step ${steps}: ${why}. A lower learning rate may help`);
}
