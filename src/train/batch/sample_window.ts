import type { TrainConfig } from "../config.ts";

/** Samples a run begins with, for each crop of a batch. */
const FIRST = 16;
/** Samples that there are at most, for each crop of a batch. */
const MOST = 128;

/** Numbers of the samples that a step may use: `begin` and all after it, below `end`. */
export interface SampleWindow {
  readonly begin: number;
  readonly end: number;
}

/** The samples of a step: with every step come new ones, as many as make each one used `sampleUses` times, and old ones go. */
export function sampleWindow(
  { batch, sampleUses }: Pick<TrainConfig, "batch" | "sampleUses">,
  step: number,
): SampleWindow {
  const end = FIRST * batch + Math.floor(step * batch / sampleUses);
  return { begin: Math.max(0, end - MOST * batch), end };
}
