import { join } from "node:path";
import { type Preset, readWeights, UsageError, type Weights, WeightsError } from "../../mod.ts";
import type { Checkpoint } from "../train/run/checkpoint.ts";
import type { TrainConfig } from "../train/config.ts";
import type { RunFolder } from "../train/report/run_folder.ts";
import type { TrainingData } from "../train/data/training_data.ts";
import { BLUR_MEANING } from "./blur_meaning.ts";
import type { CommandIo } from "./command_io.ts";
import { counted } from "./counted.ts";
import { parseTrainFlags, TRAIN_HELP, type TrainFlags } from "./train_flags.ts";
import { tellBelowBar } from "./progress_bar.ts";
import { openTrainingReport } from "./training_report.ts";

export { TRAIN_HELP };

/** A fifth of the preset's rate: enough to learn a scene, too little to unlearn the rest. */
const FINE_TUNING = 0.2;

/**
 * `deno task train`: see {@linkcode TRAIN_HELP}.
 *
 * @returns The exit code; 130 where the user stopped it, with a checkpoint saved.
 * @throws {UsageError} naming the flag that cannot be understood and what was wanted.
 * @throws {MediaError} naming data that cannot be used; {WeightsError}; {EngineError} for the device.
 * @throws {RangeError} with the reason for which training stopped.
 */
export async function trainCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseTrainFlags(args);
  if (flags === undefined) {
    io.stdout(TRAIN_HELP);
    return 0;
  }
  const beginning = flags.resume ? await resumed(flags) : await begun(flags);
  const { RunFolder, refuseRun } = await import("../train/report/run_folder.ts");
  if (!flags.resume) await refuseRun(flags.output); // before minutes go by, and anything is written
  const { loadTensorFlow } = await import("../train/tensorflow/tensorflow.ts");
  await loadTensorFlow(flags.device); // says what is missing, likewise
  const data = await findData(flags, beginning.config, io);
  const { findValidationPairs } = await import("../train/data/validation_pairs.ts");
  const { validate, blur } = flags;
  const validation = validate === undefined
    ? []
    : await findValidationPairs(validate, { blur, network: beginning.config.network, data });
  const { openTensorBoard } = await import("../train/tensorflow/tensorboard.ts");
  using folder = await RunFolder.open(flags.output, {
    config: beginning.config,
    seed: beginning.seed,
    data,
    validation,
    ...(beginning.init !== undefined && { init: beginning.init }),
    ...(beginning.earlier !== undefined && { earlier: beginning.earlier }),
    ...(flags.resume && { resumedStep: beginning.step }),
    ...(flags.device === "tensorflow" && {
      openTensorBoard: () => openTensorBoard(join(flags.output, "tensorboard")),
    }),
  });
  const signal = stopAtCheckpoint(flags, io);
  const end = await run(flags, beginning, data, folder, { ...io, signal });
  if (signal.aborted) {
    io.stderr(`Stopped at step ${end.step}; --resume goes on from there\n`);
    return 130;
  }
  report(end, beginning, flags, io);
  return 0;
}

interface Beginning extends Omit<Checkpoint, "crops" | "weights" | "average" | "moments"> {
  readonly weights?: Weights;
}

async function resumed({ output, overrides, minutes }: TrainFlags): Promise<Beginning> {
  const { readCheckpoint } = await import("../train/run/checkpoint.ts");
  const { weights: _, minutes: before, ...checkpoint } = await readCheckpoint(output);
  // A run limited by time goes on so, unless it is given a length in steps now.
  const length = minutes ?? (overrides.steps === undefined ? before : undefined);
  const config = await overridden(checkpoint.config, overrides);
  return { ...checkpoint, config, ...(length !== undefined && { minutes: length }) };
}

async function begun({ init: path, overrides, seed, minutes, ...flags }: TrainFlags): Promise<Beginning> {
  const { trainConfig } = await import("../train/config.ts");
  const weights = path === undefined ? undefined : await readWeights(path);
  const preset: Preset | undefined = flags.preset ?? (weights === undefined ? "fast" : weights.preset);
  if (preset === undefined) {
    throw new WeightsError(path ?? "", "its network has no preset; wanted --preset with the nearest one");
  }
  const base = trainConfig(preset);
  const { canGrow } = await import("../train/run/grow_weights.ts");
  if (weights !== undefined && !canGrow(weights.config, base.network)) {
    const what = weights.preset === undefined ? "of another network" : `of preset ${weights.preset}`;
    throw new WeightsError(
      path ?? "",
      `${what}; wanted one of preset ${preset}, or one that it can grow from`,
    );
  }
  const rate = weights === undefined ? base.rate : base.rate * FINE_TUNING;
  const config = await overridden({ ...base, rate }, overrides);
  const { earlierTraining } = await import("../train/run/earlier_training.ts");
  const earlier = weights && earlierTraining(weights.provenance);
  const from = weights && { weights, init: weights.sha256, ...(earlier && { earlier }) };
  return { config, seed, step: 0, seconds: 0, ...(minutes !== undefined && { minutes }), ...from };
}

async function overridden(config: TrainConfig, overrides: Partial<TrainConfig>): Promise<TrainConfig> {
  const { validateTrainConfig } = await import("../train/config.ts");
  try {
    return validateTrainConfig({ ...config, ...overrides });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function findData(flags: TrainFlags, { crop }: TrainConfig, io: CommandIo): Promise<TrainingData> {
  const { findTrainingData } = await import("../train/data/training_data.ts");
  const { data: paths, blur, every, exclude, output } = flags;
  if (!flags.quiet) io.stderr("Looking at every picture...\n");
  const data = await findTrainingData(paths, {
    crop,
    blur,
    exclude,
    framesDirectory: join(output, "frames"),
    ...(every !== undefined && { every }),
    signal: io.signal,
  });
  const parts = [
    data.pairs.length > 0
      ? `${counted(data.pairs.length, "pair")} from ${blur}/ (${BLUR_MEANING[blur]})`
      : "",
    data.photos.length > 0 ? counted(data.photos.length, "sharp picture") : "",
  ];
  if (!flags.quiet) io.stderr(`Learning from ${parts.filter((part) => part !== "").join(" and ")}\n`);
  return data;
}

/** From now on there is something to keep: the first wish to stop saves a checkpoint, however long that takes, the second ends at once. */
function stopAtCheckpoint({ quiet }: TrainFlags, io: CommandIo): AbortSignal {
  const stop = new AbortController();
  io.catchStop?.(() => {
    if (!quiet) tellBelowBar(io, "Stopping to save a checkpoint; Ctrl-C again ends without it");
    stop.abort(new DOMException("Stopped by the user", "AbortError"));
  });
  return AbortSignal.any([io.signal, stop.signal]);
}

async function run(
  flags: TrainFlags,
  beginning: Beginning,
  data: TrainingData,
  folder: RunFolder,
  io: CommandIo,
): Promise<Checkpoint> {
  const { train } = await import("../train/run/train.ts");
  const { config, seed, step, seconds, minutes, weights } = beginning;
  const { checkpointMinutes, validateEvery } = flags;
  using report = openTrainingReport(flags.quiet ? undefined : io, {
    config,
    step,
    seconds,
    ...(minutes !== undefined && { minutes }),
  });
  return await train(config, {
    data,
    directory: flags.output,
    device: flags.device,
    ...(flags.precision && { precision: flags.precision }),
    onPrecision: (chosen) => report.precision(chosen),
    seed,
    resume: flags.resume,
    ...(weights && { init: weights }),
    ...(minutes !== undefined && { minutes }),
    ...(checkpointMinutes !== undefined && { checkpointMinutes }),
    validateEvery: validateEvery ?? Math.min(1000, Math.max(1, Math.ceil(config.steps / 2))),
    signal: io.signal,
    onStep: (metrics) => {
      folder.addStep(metrics);
      report.step(metrics);
    },
    onValidate: async (tf, weights, at) => {
      const measured = await folder.validate(tf, weights, at, io.signal);
      if (measured !== undefined) report.validation(at.step, measured);
    },
    onCheckpoint: (checkpoint) => folder.addCheckpoint(checkpoint),
  });
}

function report(
  { step, seconds, crops }: Checkpoint,
  begun: Beginning,
  { output, json, quiet }: TrainFlags,
  io: CommandIo,
): void {
  const weights = join(output, "weights.safetensors");
  if (json) io.stdout(`${JSON.stringify({ weights, steps: step, crops, seconds })}\n`);
  else if (!quiet && step === begun.step) {
    const flag = begun.minutes === undefined ? "--steps" : "--minutes";
    const steps = counted(step, "step");
    io.stderr(`The run in ${output} was finished after ${steps}; a larger ${flag} trains longer\n`);
  } else if (!quiet) io.stderr(`Wrote ${weights} after ${counted(step, "step")}\n`);
}
