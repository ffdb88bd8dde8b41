import { WeightsError } from "../../errors.ts";
import type { Preset } from "../../model/network/config.ts";
import { readWeights, type Weights } from "../../model/weights/weights.ts";
import { type TrainConfig, trainConfig, validateTrainConfig } from "../config.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { canGrow } from "./grow_weights.ts";
import { earlierTraining } from "./earlier_training.ts";

/** Share of the preset's learning rate for fine-tuning: enough to learn a scene, too little to lose what was learnt before. */
const FINE_TUNING = 0.2;

/** How a run begins or continues: a checkpoint without its weights. */
export interface TrainingPlan extends Omit<Checkpoint, "crops" | "weights" | "average" | "moments"> {
  /** Weights that it starts from; absent for random ones. */
  readonly weights?: Weights;
}

/** Options of {@linkcode planTraining}. */
export interface TrainingPlanOptions {
  /** Network and training settings. @default {that of `init`, else "fast"} */
  readonly preset?: Preset | undefined;
  /** Path of weights to start from, of the preset's network or of one that can grow to it; the rate is then a fifth of the preset's. */
  readonly init?: string | undefined;
  /** Settings that differ from the preset. */
  readonly settings?: Partial<TrainConfig>;
  /** Seed of all random numbers. @default {1} */
  readonly seed?: number;
  /** Length in minutes instead of steps. */
  readonly minutes?: number | undefined;
}

/**
 * Plans a new run.
 *
 * @throws {OptionError} naming a setting that is not valid; {WeightsError} if `init` cannot be used.
 */
export async function planTraining(options: TrainingPlanOptions): Promise<TrainingPlan> {
  const { init: path, settings, seed = 1, minutes } = options;
  const weights = path === undefined ? undefined : await readWeights(path);
  const preset = options.preset ?? (weights === undefined ? "fast" : weights.preset);
  if (preset === undefined) {
    throw new WeightsError(
      path ?? "",
      "Its network is not that of a preset. Give the preset to train with --preset",
    );
  }
  const base = trainConfig(preset);
  if (weights !== undefined && !canGrow(weights.config, base.network)) {
    const what = weights.preset === undefined ? "another network" : `preset ${weights.preset}`;
    const why = `These weights are of ${what}, which cannot grow to preset ${preset}`;
    throw new WeightsError(
      path ?? "",
      `${why}. Use weights of ${preset}, or of a smaller network of its kind`,
    );
  }
  const rate = weights === undefined ? base.rate : base.rate * FINE_TUNING;
  const config = validateTrainConfig({ ...base, rate, ...settings });
  const earlier = weights && earlierTraining(weights.provenance);
  const from = weights && { weights, init: weights.sha256, ...(earlier && { earlier }) };
  return { config, seed, step: 0, seconds: 0, ...(minutes !== undefined && { minutes }), ...from };
}

/**
 * Plans how a run continues from its checkpoint.
 *
 * @throws {OptionError} naming a setting that is not valid; {WeightsError} if there is no checkpoint, or it is damaged.
 */
export async function planResumed(
  directory: string,
  { settings, minutes }: Pick<TrainingPlanOptions, "settings" | "minutes">,
): Promise<TrainingPlan> {
  const { crops: _, weights: __, average: ___, moments: ____, minutes: before, ...rest } =
    await readCheckpoint(directory);
  // The length of a run in minutes is kept, unless a length in steps is given now.
  const length = minutes ?? (settings?.steps === undefined ? before : undefined);
  const config = validateTrainConfig({ ...rest.config, ...settings });
  return { ...rest, config, ...(length !== undefined && { minutes: length }) };
}
