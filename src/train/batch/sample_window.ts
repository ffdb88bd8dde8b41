import type { TrainConfig } from "../config.ts";

/** Number of samples at the first step, for each crop of a batch. */
const FIRST = 16;
/** Largest number of samples, for each crop of a batch. */
const MOST = 128;

/** The samples that a step may use: numbers from `begin` to below `end`. */
export interface SampleWindow {
  readonly begin: number;
  readonly end: number;
}

/** The samples of a step. New ones are added at such a rate that each is used `sampleUses` times, and old ones are removed. */
export function sampleWindow(
  { batch, sampleUses }: Pick<TrainConfig, "batch" | "sampleUses">,
  step: number,
): SampleWindow {
  const end = FIRST * batch + Math.floor(step * batch / sampleUses);
  return { begin: Math.max(0, end - MOST * batch), end };
}
