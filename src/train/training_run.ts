import { OptionError } from "../errors.ts";
import type * as tfjs from "@tensorflow/tfjs-core";
import { describeNetwork } from "../model/count_ops.ts";
import type { TensorFlow } from "../model/tfjs_ops.ts";
import { Adam, type Moments } from "./adam.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import type { Batch } from "./make_batch.ts";
import { reviveUnits } from "./revive.ts";
import { trainStep } from "./train_step.ts";
import { WeightRow } from "./weight_row.ts";

/** Steps before which a network that changes nothing is only young. */
const YOUNG_STEPS = 100;

/** Beyond this a weight has exploded: in a network of pictures from 0 to 1 none comes near it. */
const LARGEST_WEIGHT = 1e6;

/** Of the one variable, in what Adam remembers. */
const ROW = "weights";

/** The tensors of a run: weights, their running average, what Adam remembers, each as one row. Disposing it frees them. */
export class TrainingRun implements Disposable {
  readonly #tf: TensorFlow;
  readonly #start: Checkpoint;
  readonly #config: TrainConfig;
  readonly #layout: WeightRow;
  #row!: tfjs.Variable;
  #adam!: Adam;
  #average: tfjs.Tensor | undefined;
  #steps: number;
  #crops: number;

  /** Goes on from `start`. @throws {TypeError} naming a tensor that is missing. */
  constructor(tf: TensorFlow, start: Checkpoint) {
    this.#tf = tf;
    this.#start = start;
    this.#config = start.config;
    this.#steps = start.step;
    this.#crops = start.crops;
    this.#layout = new WeightRow(describeNetwork(start.config.network).tensors);
    this.#load(start);
  }

  #load(start: Checkpoint): void {
    const tf = this.#tf;
    const pack = (values: ReadonlyMap<string, Float32Array>, what: string) => this.#layout.pack(values, what);
    const [weights, average] = [pack(start.weights, "weights"), pack(start.average, "average")];
    const moments = start.moments.size > 0 && {
      m: pack(new Map([...start.moments].map(([name, { m }]) => [name, m])), "first moment"),
      v: pack(new Map([...start.moments].map(([name, { v }]) => [name, v])), "second moment"),
    };
    this.#row = tf.tidy(() => tf.variable(tf.tensor1d(weights)));
    if (this.#config.averageDecay > 0) this.#average = tf.tensor1d(average);
    const kept = moments && { m: tf.tensor1d(moments.m), v: tf.tensor1d(moments.v) };
    this.#adam = new Adam(tf, this.#config.adam, new Map(kept ? [[ROW, kept]] : []));
  }

  /** Steps taken. */
  get steps(): number {
    return this.#steps;
  }

  /** Crops learnt from. */
  get crops(): number {
    return this.#crops;
  }

  /** The weights worth keeping: the running average where there is one. The caller disposes them. */
  shipped(): Map<string, tfjs.Tensor> {
    return this.#layout.tensors(this.#tf, this.#average ?? this.#row);
  }

  /**
   * Learns from one batch.
   *
   * @returns The loss before the step, beside that of handing the blurry picture back.
   * @throws {RangeError} if the loss is not a number, or the network hands its input back unchanged; nothing is learnt then.
   */
  async step(batch: Batch, rate: number): Promise<{ loss: number; lossOfNothing: number }> {
    const weights = { row: this.#row, layout: this.#layout };
    const { gradient, ...measured } = await trainStep(this.#tf, this.#config, weights, batch);
    try {
      refuseFailure(measured, this.#steps);
      this.#adam.apply(new Map([[ROW, this.#row]]), { [ROW]: gradient }, this.#steps + 1, rate);
    } finally {
      gradient.dispose();
    }
    this.#moveAverage();
    this.#steps++;
    this.#crops += this.#config.batch;
    const { loss, lossOfNothing } = measured;
    return { loss, lossOfNothing };
  }

  /** Starts dead units again, see {@linkcode reviveUnits}. @returns How many there were. */
  async revive(): Promise<number> {
    const { run, revived } = reviveUnits(await this.checkpoint(0));
    if (revived > 0) {
      this[Symbol.dispose]();
      this.#load(run);
    }
    return revived;
  }

  /**
   * Looks at what the last step did to the weights, which the next one's loss would tell: a run that ends here has no next one.
   *
   * @throws {RangeError} if they are not worth keeping: not numbers, or beyond all measure.
   */
  async refuseExploded(): Promise<void> {
    await this.#sound(this.#row);
    if (this.#average !== undefined) await this.#sound(this.#average);
  }

  /** The values of a row of weights. @throws {RangeError} as {@linkcode TrainingRun.refuseExploded} does. */
  async #sound(row: tfjs.Tensor, largest = LARGEST_WEIGHT, what = "weight"): Promise<Float32Array> {
    const values = await row.data<"float32">();
    const bad = values.find((value) => !(Math.abs(value) <= largest));
    if (bad !== undefined) stop(`a ${what} is ${bad}`, this.#steps);
    return values;
  }

  /** All that is needed to go on from here. @throws {RangeError} as {@linkcode TrainingRun.refuseExploded} does. */
  async checkpoint(seconds: number): Promise<Checkpoint> {
    const { weights: _, average: __, moments: ___, ...start } = this.#start;
    const weights = this.#layout.unpack(await this.#sound(this.#row));
    const average = this.#layout.unpack(await this.#sound(this.#average ?? this.#row));
    const moments = new Map<string, Moments<Float32Array>>();
    const remembered = this.#adam.moments.get(ROW);
    if (remembered !== undefined) {
      const values = async (row: tfjs.Tensor) =>
        this.#layout.unpack(await this.#sound(row, Number.MAX_VALUE, "moment of Adam's"));
      const [all, squares] = [await values(remembered.m), await values(remembered.v)];
      for (const [name, m] of all) moments.set(name, { m, v: squares.get(name) as Float32Array });
    }
    return { ...start, step: this.#steps, crops: this.#crops, seconds, weights, average, moments };
  }

  [Symbol.dispose](): void {
    this.#adam.dispose();
    this.#row.dispose();
    this.#average?.dispose();
  }

  /** Moves the running average; young averages forget faster, so that the random start does not linger. */
  #moveAverage(): void {
    const [tf, before] = [this.#tf, this.#average];
    if (before === undefined) return;
    const decay = Math.min(this.#config.averageDecay, (this.#steps + 1) / (this.#steps + 10));
    this.#average = tf.tidy(() => tf.add(tf.mul(before, decay), tf.mul(this.#row, 1 - decay)));
    before.dispose();
  }
}

function refuseFailure({ loss, change }: { loss: number; change: number }, steps: number): void {
  if (!Number.isFinite(loss)) stop(`the loss is ${loss}`, steps);
  if (steps >= YOUNG_STEPS && change < 1e-6) {
    stop("the network hands its input back unchanged (dead ReLUs)", steps);
  }
}

function stop(why: string, steps: number): never {
  throw new OptionError(`Training stopped at step ${steps}: ${why}; wanted a lower learning rate`);
}
