import type { Weights } from "../../model/weights/weights.ts";

/** All that weights had learnt from before a run began with them. */
export interface EarlierTraining {
  /** Steps taken. */
  readonly steps: number;
  /** Crops learnt from. */
  readonly crops: number;
}

/**
 * The training behind weights, as their metadata tell it.
 *
 * @returns `undefined` where they do not: nothing is noted, or only the last of several runs, as trainers did that wrote no totals.
 */
export function earlierTraining(provenance: Weights["provenance"]): EarlierTraining | undefined {
  const isWhole = provenance.init === undefined;
  const count = (total: string | undefined, ofRun: string | undefined) => {
    const text = total ?? (isWhole ? ofRun : undefined) ?? "";
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const steps = count(provenance.totalSteps, provenance.steps);
  const crops = count(provenance.totalCrops, provenance.crops);
  return steps === undefined || crops === undefined ? undefined : { steps, crops };
}
