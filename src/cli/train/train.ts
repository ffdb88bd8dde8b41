import { join } from "node:path";
import type { Checkpoint } from "../../train/run/checkpoint.ts";
import type { TrainingPlan } from "../../train/run/training_plan.ts";
import type { TrainConfig } from "../../train/config.ts";
import type { RunFolder } from "../../train/report/run_folder.ts";
import type { TrainingData } from "../../train/data/training_data.ts";
import { BLUR_MEANING } from "../blur_flag.ts";
import type { CommandIo } from "../command_io.ts";
import { counted } from "../format_text.ts";
import { asUsage } from "../flags.ts";
import { parseTrainFlags, TRAIN_HELP, type TrainFlags } from "./train_flags.ts";
import { printBelowBar } from "../progress_bar.ts";
import { openTrainingReport } from "./training_report.ts";

export { TRAIN_HELP };

/**
 * `deno task train`: see {@linkcode TRAIN_HELP}.
 *
 * @returns The exit code; 130 if the user stopped it, after a checkpoint was saved.
 * @throws {UsageError} naming the flag that is not valid.
 * @throws {MediaError} naming data that cannot be used; {WeightsError}; {EngineError} for the device.
 * @throws {OptionError} with the reason why training failed.
 */
export async function trainCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = parseTrainFlags(args);
  if (flags === undefined) {
    io.stdout(TRAIN_HELP);
    return 0;
  }
  const { planResumed, planTraining } = await import("../../train/run/training_plan.ts");
  const { output } = flags;
  const plan = await asUsage(() => flags.resume ? planResumed(output, flags) : planTraining(flags));
  const { RunFolder, refuseRun } = await import("../../train/report/run_folder.ts");
  if (!flags.resume) await refuseRun(flags.output); // before minutes of work
  const { loadTensorFlow } = await import("../../train/tensorflow/tensorflow.ts");
  await loadTensorFlow(flags.device); // fails at once if it is missing
  const data = await findData(flags, plan.config, io);
  const { findValidationPairs } = await import("../../train/data/validation_pairs.ts");
  const { validate, blur } = flags;
  const validation = validate === undefined
    ? []
    : await findValidationPairs(validate, { blur, network: plan.config.network, data });
  using folder = await RunFolder.open(flags.output, {
    config: plan.config,
    seed: plan.seed,
    data,
    validation,
    ...(plan.init !== undefined && { init: plan.init }),
    ...(plan.earlier !== undefined && { earlier: plan.earlier }),
    ...(flags.resume && { resumedStep: plan.step }),
  });
  const signal = stopAtCheckpoint(flags, io);
  const end = await run(flags, plan, data, folder, { ...io, signal });
  if (signal.aborted) {
    io.stderr(`Stopped at step ${end.step}. Continue with --resume\n`);
    return 130;
  }
  report(end, plan, flags, io);
  return 0;
}

async function findData(flags: TrainFlags, { crop }: TrainConfig, io: CommandIo): Promise<TrainingData> {
  const { findTrainingData } = await import("../../train/data/training_data.ts");
  const { data: paths, blur, every, exclude, output } = flags;
  if (!flags.quiet) io.stderr("Reading all pictures...\n");
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
  if (!flags.quiet) io.stderr(`Training on ${parts.filter((part) => part !== "").join(" and ")}\n`);
  return data;
}

/** From here on, the first Ctrl-C stops after a checkpoint is saved, however long that takes, and the second at once. */
function stopAtCheckpoint({ quiet }: TrainFlags, io: CommandIo): AbortSignal {
  const stop = new AbortController();
  io.catchStop?.(() => {
    if (!quiet) printBelowBar(io, "Stopping after a checkpoint is saved; Ctrl-C again stops without it");
    stop.abort(new DOMException("Stopped by the user", "AbortError"));
  });
  return AbortSignal.any([io.signal, stop.signal]);
}

async function run(
  flags: TrainFlags,
  plan: TrainingPlan,
  data: TrainingData,
  folder: RunFolder,
  io: CommandIo,
): Promise<Checkpoint> {
  const { train } = await import("../../train/run/train.ts");
  const { config, seed, step, seconds, minutes, weights } = plan;
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
  plan: TrainingPlan,
  { output, json, quiet }: TrainFlags,
  io: CommandIo,
): void {
  const weights = join(output, "weights.safetensors");
  if (json) io.stdout(`${JSON.stringify({ weights, steps: step, crops, seconds })}\n`);
  else if (!quiet && step === plan.step) {
    const flag = plan.minutes === undefined ? "--steps" : "--minutes";
    const steps = counted(step, "step");
    io.stderr(`The run in ${output} is complete after ${steps}. A larger ${flag} continues it\n`);
  } else if (!quiet) io.stderr(`Wrote ${weights} after ${counted(step, "step")}\n`);
}
