import { WeightsError } from "../../errors.ts";
import type { Preset } from "../../model/network/config.ts";
import { readWeights, type Weights } from "../../model/weights/weights.ts";
import { type TrainConfig, trainConfig, validateTrainConfig } from "../config.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { canGrow } from "./grow_weights.ts";
import { earlierTraining } from "./earlier_training.ts";

/** A fifth of the preset's rate: enough to learn a scene, too little to unlearn the rest. */
const FINE_TUNING = 0.2;

/** How a run begins, or goes on: a checkpoint without what it has learnt. */
export interface TrainingPlan extends Omit<Checkpoint, "crops" | "weights" | "average" | "moments"> {
  /** What it starts from, if not from random weights. */
  readonly weights?: Weights;
}

/** Options of {@linkcode planTraining}. */
export interface TrainingPlanOptions {
  /** Network, and how it is trained. @default {that of `init`, else "fast"} */
  readonly preset?: Preset | undefined;
  /** Path of weights to start from, of the preset's network or one that it is grown from; the rate is then a fifth of the preset's. */
  readonly init?: string | undefined;
  /** What differs from the preset. */
  readonly settings?: Partial<TrainConfig>;
  /** Draws everything that is random. @default {1} */
  readonly seed?: number;
  /** Length in minutes instead of steps. */
  readonly minutes?: number | undefined;
}

/**
 * Plans a run that begins.
 *
 * @throws {RangeError} naming a setting that makes no sense; {WeightsError} if `init` cannot be used.
 */
export async function planTraining(options: TrainingPlanOptions): Promise<TrainingPlan> {
  const { init: path, settings, seed = 1, minutes } = options;
  const weights = path === undefined ? undefined : await readWeights(path);
  const preset = options.preset ?? (weights === undefined ? "fast" : weights.preset);
  if (preset === undefined) {
    throw new WeightsError(path ?? "", "its network is no preset; name the preset to train as with --preset");
  }
  const base = trainConfig(preset);
  if (weights !== undefined && !canGrow(weights.config, base.network)) {
    const what = weights.preset === undefined ? "of another network" : `of preset ${weights.preset}`;
    throw new WeightsError(
      path ?? "",
      `${what}; wanted one of preset ${preset}, or one that it can grow from`,
    );
  }
  const rate = weights === undefined ? base.rate : base.rate * FINE_TUNING;
  const config = validateTrainConfig({ ...base, rate, ...settings });
  const earlier = weights && earlierTraining(weights.provenance);
  const from = weights && { weights, init: weights.sha256, ...(earlier && { earlier }) };
  return { config, seed, step: 0, seconds: 0, ...(minutes !== undefined && { minutes }), ...from };
}

/**
 * Plans how a run goes on from its checkpoint.
 *
 * @throws {RangeError} naming a setting that makes no sense; {WeightsError} if there is no checkpoint, or it is damaged.
 */
export async function planResumed(
  directory: string,
  { settings, minutes }: Pick<TrainingPlanOptions, "settings" | "minutes">,
): Promise<TrainingPlan> {
  const { crops: _, weights: __, average: ___, moments: ____, minutes: before, ...rest } =
    await readCheckpoint(directory);
  // A run limited by time goes on so, unless it is given a length in steps now.
  const length = minutes ?? (settings?.steps === undefined ? before : undefined);
  const config = validateTrainConfig({ ...rest.config, ...settings });
  return { ...rest, config, ...(length !== undefined && { minutes: length }) };
}
