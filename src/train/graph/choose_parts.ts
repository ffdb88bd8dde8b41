import { traceNetwork } from "../../model/network/trace_network.ts";
import type { Precision } from "./graph_ops.ts";
import type { StepConfig } from "./step_graph.ts";

/** Memory of a step for each value that the network computes, in bytes, measured with presets `fast` and `paper` and rounded up. */
const BYTES_A_VALUE: Readonly<Record<Precision, number>> = { float32: 2.5, bfloat16: 1.5 };
/** Other memory of a step, in bytes: reordered kernels, threads. */
const FIXED_BYTES = 250e6;

/**
 * Memory of a training step, in bytes, in addition to its inputs and weights: values of the forward pass are kept for the backward pass.
 *
 * @param crops Number of crops that are computed at once.
 */
export function stepBytes(
  { network, crop }: Pick<StepConfig, "network" | "crop">,
  precision: Precision,
  crops: number,
): number {
  const values = traceNetwork(network).values.reduce(
    (sum, { channels, pitch }) => sum + channels / pitch ** 2,
    0,
  );
  return FIXED_BYTES + BYTES_A_VALUE[precision] * values * crops * crop ** 2;
}

/**
 * Number of equal parts in which a batch is computed, one after the other.
 *
 * @param memory Bytes that a step may take.
 * @returns The smallest number that fits; the number of crops if not even one crop fits.
 */
export function chooseParts(
  config: Pick<StepConfig, "network" | "crop" | "batch">,
  precision: Precision,
  memory: number,
): number {
  for (let parts = 1; parts < config.batch; parts++) {
    if (config.batch % parts !== 0) continue;
    if (stepBytes(config, precision, config.batch / parts) <= memory) return parts;
  }
  return config.batch;
}
