import type { TrainConfig } from "../../train/config.ts";
import type { ChosenPrecision } from "../../train/run/open_learner.ts";
import type { StepMetrics } from "../../train/run/train.ts";
import type { MetricsLine } from "../../train/report/training_curve.ts";
import type { CommandIo } from "../command_io.ts";
import { openProgressBar } from "../progress_bar.ts";

/** Reports the progress of training: a bar on a terminal, else a line per minute. Disposing it ends the bar. */
export interface TrainingReport extends Disposable {
  precision(chosen: ChosenPrecision): void;
  step(metrics: StepMetrics): void;
  validation(step: number, measured: NonNullable<MetricsLine["validation"]>): void;
}

/** The run, and how far it was when it was begun or resumed. */
export interface TrainingReportOptions {
  readonly config: Pick<TrainConfig, "steps">;
  /** Steps done before. */
  readonly step: number;
  /** Seconds trained before. */
  readonly seconds: number;
  /** Length of the run, where it is limited by time. */
  readonly minutes?: number;
}

/** Seconds between lines without a terminal. */
const LINE_EVERY = 60;
/** Weight of the past in the running mean of the loss, since that of single steps varies a lot. */
const MEMORY = 0.98;

/** Starts to report. @param io Terminal; without it nothing is reported. */
export function openTrainingReport(
  io: CommandIo | undefined,
  { config, step: firstStep, seconds: firstSecond, minutes }: TrainingReportOptions,
): TrainingReport {
  if (io === undefined) {
    return { precision: () => {}, step: () => {}, validation: () => {}, [Symbol.dispose]: () => {} };
  }
  const bar = openProgressBar(io, "Training", "steps", firstStep);
  let mean: { loss: number; ofInput: number } | undefined;
  let reportedAt = firstSecond;
  return {
    precision({ precision, parts, timed }) {
      const times = timed &&
        Object.entries(timed).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(", ");
      const inParts = parts === 1 ? "" : `, each batch in ${parts} parts to save memory`;
      const why = times === undefined ? "" : ` (time of a step: ${times})`;
      io.stderr(`Precision: ${precision}${inParts}${why}\n`);
    },
    step({ step, loss, lossOfNothing, seconds }) {
      const memory = mean === undefined ? 0 : MEMORY;
      mean = {
        loss: memory * (mean?.loss ?? 0) + (1 - memory) * loss,
        ofInput: memory * (mean?.ofInput ?? 0) + (1 - memory) * lossOfNothing,
      };
      const perSecond = (step - firstStep) / (seconds - firstSecond);
      const total = minutes === undefined
        ? config.steps
        : step + Math.max(0, Math.round((minutes * 60 - seconds) * perSecond));
      const note =
        `loss ${mean.loss.toPrecision(3)}, ${(mean.loss / mean.ofInput).toFixed(3)} of the input's | ` +
        `${perSecond.toPrecision(3)} steps/s`;
      bar.update(step, total, note);
      if (io.isTerminal || seconds - reportedAt < LINE_EVERY) return;
      io.stderr(`step ${step} of ${total}: ${note}\n`);
      reportedAt = seconds;
    },
    validation(step, { gain, sharp }) {
      const line = `step ${step}: ${gain < 0 ? "" : "+"}${gain.toFixed(2)} dB over the blurry pictures; ` +
        `restored sharp pictures have ${sharp.toFixed(1)} dB or more`;
      io.stderr(io.isTerminal ? `\r\x1b[K${line}\n` : `${line}\n`);
    },
    [Symbol.dispose]: () => bar[Symbol.dispose](),
  };
}
