import { traceNetwork } from "../../model/network/trace_network.ts";
import type { Precision } from "./graph_ops.ts";
import type { StepConfig } from "./step_graph.ts";

/** Bytes that a step takes for each value the network computes, measured on presets `fast` and `paper` and rounded up. */
const BYTES_A_VALUE: Readonly<Record<Precision, number>> = { float32: 2.5, bfloat16: 1.5 };
/** What it takes besides: kernels laid out anew, threads. */
const FIXED_BYTES = 250e6;

/**
 * Memory of a training step, in bytes, beyond what its inputs and weights take: what is computed forwards is kept until the way back has used it.
 *
 * @param crops How many are computed at once.
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
 * How many equal parts a batch is to be computed in, one after the other.
 *
 * @param memory Bytes that a step may take.
 * @returns The fewest that take no more; as many as there are crops where even one of them takes more.
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
