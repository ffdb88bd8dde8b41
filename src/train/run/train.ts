import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { OptionError, WeightsError } from "../../errors.ts";
import { describeNetwork } from "../../model/network/count_ops.ts";
import type { TensorFlow, WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import type { Weights } from "../../model/weights/weights.ts";
import type { Batch } from "../batch/batch.ts";
import { Batches } from "../batch/batches.ts";
import { centreDown } from "./centre_down.ts";
import { type Checkpoint, readCheckpoint, type RunPoint, writeCheckpoint } from "./checkpoint.ts";
import { learningRate, type TrainConfig, validateTrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { earlierTraining } from "./earlier_training.ts";
import { growWeights } from "./grow_weights.ts";
import { initialWeights } from "./initial_weights.ts";
import { loadTensorFlow, type TrainDevice } from "../tensorflow/tensorflow.ts";
import { type ChosenPrecision, openLearner } from "./open_learner.ts";
import type { PRECISIONS } from "../settings.ts";
import { TrainingRun } from "./training_run.ts";

/** Progress after which dead units are not restarted: too little time is left to train them. */
const LAST_REVIVAL = 0.8;

/** Metrics of a step; a line of `metrics.jsonl`. */
export interface StepMetrics {
  /** Steps done, including this one. */
  readonly step: number;
  /** Loss of the batch (eq. 2), before the step. */
  readonly loss: number;
  /** Loss of the unchanged blurry pictures. */
  readonly lossOfNothing: number;
  /** Learning rate of the step. */
  readonly rate: number;
  /** Number of dead units that were restarted before the step; absent if the step is not one that restarts them. */
  readonly revived?: number;
  /** Seconds trained, over all resumed parts. */
  readonly seconds: number;
}

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Real pairs and sharp pictures (paths), as {@linkcode findTrainingData} finds them. */
  readonly data: { readonly pairs: readonly PairFiles[]; readonly photos: readonly string[] };
  /** Folder of the run: checkpoint and metrics. */
  readonly directory: string;
  /** What runs the training. @default {"tensorflow"} */
  readonly device?: TrainDevice;
  /**
   * Length in minutes, over all resumed parts; the learning rate then follows time instead of steps. The checkpoint keeps it for a resumed
   * run.
   */
  readonly minutes?: number;
  /** Weights to start from instead of random ones: of the same network, or of one that can grow to it, see {@linkcode growWeights}. */
  readonly init?: Pick<Weights, "config" | "tensors" | "sha256"> & Partial<Pick<Weights, "provenance">>;
  /** Continue from the checkpoint in `directory`. @default {false} */
  readonly resume?: boolean;
  /** Type of convolutions on `tensorflow`; `auto` times both and uses the faster one. @default {the resumed run's, else "auto"} */
  readonly precision?: typeof PRECISIONS[number];
  /** Called with the chosen precision before the first step. */
  readonly onPrecision?: (chosen: ChosenPrecision) => void;
  /** Seed of all random numbers. @default {1} */
  readonly seed?: number;
  /** Minutes between checkpoints; 0 writes one after every step. @default {5} */
  readonly checkpointMinutes?: number;
  /** Steps between calls of `onValidate`. @default {1000} */
  readonly validateEvery?: number;
  /** Called after every step. */
  readonly onStep?: (metrics: StepMetrics) => void;
  /**
   * Called with the current result (the averaged weights): before the first step of a run that begins with weights (`step` is 0), every
   * `validateEvery` steps, at the end of the run, and before the first step of a resumed run if its checkpoint is of such a step, because
   * the run may have been stopped before it was measured. The weights are disposed when it returns. It may throw the reason of
   * `signal`; the checkpoint is saved then.
   */
  readonly onValidate?: (
    tf: TensorFlow,
    weights: WeightTensors,
    at: RunPoint,
  ) => Promise<void>;
  /** Called after every checkpoint that was written. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
  /** Stops after the current step or validation; a checkpoint is written. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a network (section 4 of the paper) and writes a checkpoint to `directory`.
 *
 * @param config For a resumed run, it may differ from that of the checkpoint in everything but the network, for example in `steps`.
 * @returns The checkpoint: weights, their running average, Adam's moments and step.
 * @throws {EngineError} if the device cannot be used.
 * @throws {OptionError} if the config is not valid, the loss or a weight is not a number, a weight has exploded, or the network returns its
 * input unchanged; the last checkpoint is kept.
 * @throws {WeightsError} if there is no checkpoint to resume, it is damaged, or of another network.
 */
export async function train(config: TrainConfig, options: TrainOptions): Promise<Checkpoint> {
  const { directory, device = "tensorflow", minutes, seed = 1, signal, validateEvery = 1000 } = options;
  validateTrainConfig(config);
  const begun = options.resume ? await resumed(config, directory) : beginning(config, seed, options.init);
  const { minutes: __, ...untimed } = begun;
  const given: Checkpoint = { ...untimed, ...(minutes !== undefined && { minutes }) };

  const tf = await loadTensorFlow(device);
  const samples = join(directory, "samples");
  if (!options.resume) await rm(samples, { recursive: true, force: true }); // of a run without a checkpoint
  await using batches = await Batches.open({
    ...options.data,
    config,
    seed: given.seed,
    firstStep: given.step,
    directory: samples,
  });
  let batch: Batch | undefined;
  const isFromWeights = !options.resume && options.init !== undefined;
  const start = isFromWeights ? await centred(tf, given, batch = await batches.next()) : given;
  using run = new TrainingRun(tf, start);
  const { learner, chosen } = await openLearner(tf, device, config, {
    precision: options.precision ?? start.precision ?? "auto",
    ...(start.parts !== undefined && { parts: start.parts }),
    state: run.state,
    batch: async () => batch ??= await batches.next(),
  });
  using _ = learner;
  options.onPrecision?.(chosen);

  const begin = () => performance.now() - start.seconds * 1000;
  let startedAt = begin();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const progress = () => minutes === undefined ? run.steps / config.steps : seconds() / 60 / minutes;
  let savedAt = seconds();
  const save = async () => {
    const { precision, parts } = chosen;
    const checkpoint = { ...await run.checkpoint(seconds()), precision, parts };
    await writeCheckpoint(directory, checkpoint);
    await options.onCheckpoint?.(checkpoint);
    savedAt = seconds();
    return checkpoint;
  };
  const { onValidate } = options;
  const validate = async () => {
    if (onValidate === undefined) return;
    await run.refuseExploded(); // validated weights are written, too
    const shipped = run.shipped();
    try {
      await onValidate(tf, shipped, { step: run.steps, crops: run.crops, seconds: seconds() });
    } catch (error) {
      // A validation that the signal stopped has not failed, and the checkpoint must still be saved.
      if (!signal?.aborted || error !== signal.reason) throw error;
    } finally {
      tf.dispose([...shipped.values()]);
    }
  };
  const isValidated = () => run.steps % validateEvery === 0 || progress() >= 1;
  // Random weights are not worth measuring; given ones are what training should improve.
  if (run.steps > 0 ? isValidated() : start.init !== undefined) await validate();
  startedAt = begin(); // otherwise a run of a few minutes could end before its first step
  while (progress() < 1 && !signal?.aborted) {
    const isRevival = run.steps > 0 && config.reviveEvery > 0 && run.steps % config.reviveEvery === 0;
    const revived = isRevival && progress() < LAST_REVIVAL ? { revived: await run.revive() } : {};
    const rate = learningRate(config, progress());
    const measured = await run.step(learner, batch ?? await batches.next(), rate);
    batch = undefined;
    const metrics = { step: run.steps, ...measured, ...revived, rate, seconds: seconds() };
    options.onStep?.(metrics);
    const isEnd = progress() >= 1;
    if (isValidated()) await validate();
    if (isEnd) break;
    if (seconds() - savedAt > (options.checkpointMinutes ?? 5) * 60) await save();
    await setImmediate(); // lets signals be handled, which awaiting batches that are ready does not
  }
  const end = await save();
  if (progress() >= 1) await batches.clear();
  return end;
}

async function resumed(config: TrainConfig, directory: string): Promise<Checkpoint> {
  const { parts, ...checkpoint } = await readCheckpoint(directory);
  const { network, batch, crop } = checkpoint.config;
  if (!isDeepStrictEqual(config.network, network)) {
    throw new WeightsError(
      directory,
      "The run in this folder trains another network. Resume it with the network it was begun with",
    );
  }
  const isSameBatch = config.batch === batch && config.crop === crop;
  return { ...checkpoint, config, ...(isSameBatch && parts !== undefined && { parts }) };
}

async function centred(tf: TensorFlow, start: Checkpoint, batch: Batch): Promise<Checkpoint> {
  const weights = await centreDown(tf, start.config, start.weights, batch);
  return { ...start, weights, average: weights };
}

function beginning(config: TrainConfig, seed: number, init?: TrainOptions["init"]): Checkpoint {
  const fresh = initialWeights(describeNetwork(config.network).tensors, config, seed);
  const weights = init ? growWeights(init.tensors, init.config, config.network, fresh) : fresh;
  if (weights === undefined) {
    const networks = `${JSON.stringify(init?.config)} is not one that ${
      JSON.stringify(config.network)
    } can grow from`;
    throw new OptionError(`Cannot start from these weights: network ${networks}`);
  }
  const earlier = init?.provenance && earlierTraining(init.provenance);
  const from = init && { init: init.sha256, ...(earlier && { earlier }) };
  return {
    config,
    seed,
    step: 0,
    crops: 0,
    seconds: 0,
    ...from,
    weights,
    average: weights,
    moments: new Map(),
  };
}
