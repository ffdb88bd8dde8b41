import type { Weights } from "../../model/weights/weights.ts";

/** The training of weights before a run began with them. */
export interface EarlierTraining {
  /** Steps done. */
  readonly steps: number;
  /** Crops trained on. */
  readonly crops: number;
}

/**
 * The training of weights according to their metadata.
 *
 * @returns `undefined` if it is not recorded, or only for the last of several runs, as by earlier versions.
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
