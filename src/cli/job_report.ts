import type { DeblurReport, Engine, Weights } from "../../mod.ts";
import { counted } from "./counted.ts";

/** What is told of a finished job. */
export interface JobReport {
  readonly input: string;
  /** Where the result is: under its final name, or as partial. */
  readonly output: string;
  readonly report: DeblurReport;
  readonly engine: Engine;
  readonly weights: Weights;
  /** Frames of a live source that came while another was restored. */
  readonly dropped?: number;
}

/** One line for a person. */
export function describeReport({ output, report, dropped }: JobReport): string {
  const { frames, width, height, framesPerSecond, notes } = report;
  const size = `${counted(frames, "frame")} of ${width}x${height}`;
  const missed = dropped ? [`${dropped} more came too fast and were dropped`] : [];
  const told = [`${output}: ${size}, ${framesPerSecond.toFixed(2)} frames/s`, ...missed, ...notes];
  return `${told.join("; ")}\n`;
}

/** One line of JSON for a program. */
export function reportAsJson({ input, output, report, engine, weights, dropped }: JobReport): string {
  const { frames, width, height, seconds, framesPerSecond, notes, damage } = report;
  return `${
    JSON.stringify({
      input,
      output,
      frames,
      width,
      height,
      seconds,
      framesPerSecond,
      ...(dropped !== undefined && { dropped }),
      device: engine.device,
      preset: weights.preset ?? null,
      weights: { file: weights.path, sha256: weights.sha256 },
      ...(notes.length > 0 && { notes }),
      ...(damage !== undefined && { damage }),
    })
  }\n`;
}
