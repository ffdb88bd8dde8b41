import type { Calibration } from "../../src/model/weights/calibration.ts";

/** A calibration of no network in particular. */
export function exampleCalibration(changes: Partial<Calibration> = {}): Calibration {
  return {
    weights: "b".repeat(64),
    ranges: [[0, 1], [-0.5, 0.25]],
    channels: { 1: [[-0.5, 0.25]] },
    shift: [0, 0, 0],
    loss: {},
    ...changes,
  };
}
