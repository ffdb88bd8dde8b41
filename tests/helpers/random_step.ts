import type { TensorFlow } from "../../src/model/tfjs/tfjs_ops.ts";
import { FLOW_CELL } from "../../src/model/network/config.ts";
import { describeNetwork } from "../../src/model/network/count_ops.ts";
import type { Batch } from "../../src/train/batch/batch.ts";
import type { TrainConfig } from "../../src/train/config.ts";
import { createRandom } from "../../src/train/random.ts";
import { FlatWeights } from "../../src/train/step/flat_weights.ts";
import type { Learner, StepResult, StepSettings } from "../../src/train/step/learner.ts";
import { randomWeights } from "./random_weights.ts";

/** A training state, each row as values. */
export type StateRows = Readonly<Record<"weights" | "average" | "m" | "v", Float32Array>>;

/** Values in [0, 1) that depend on the key alone. */
export function randomRow(length: number, ...keys: (string | number)[]): Float32Array<ArrayBuffer> {
  const random = createRandom(...keys);
  return Float32Array.from({ length }, () => random());
}

/** A state in which nothing is zero; the second moment is so large that rounding does not turn a step round. */
export function randomState({ network }: Pick<TrainConfig, "network">): StateRows {
  const { tensors, parameters } = describeNetwork(network);
  const values = new Map([...randomWeights(network).tensors].map(([name, { data }]) => [name, data]));
  return {
    weights: new FlatWeights(tensors).pack(values, "weights"),
    average: randomRow(parameters, "average").map((value) => value - 0.5),
    m: randomRow(parameters, "m").map((value) => 0.02 * (value - 0.5)),
    v: randomRow(parameters, "v").map((value) => 0.01 + 0.01 * value),
  };
}

/** A batch of noise, sharp pictures like the blurry ones, and flow of some pixels. */
export function randomBatch({ batch, crop, network }: TrainConfig): Batch {
  const [pixels, cells] = [3 * batch * crop ** 2, 2 * batch * (crop / FLOW_CELL) ** 2];
  const blurry = randomRow(pixels, "blurry");
  const change = randomRow(pixels, "sharp");
  return {
    blurry,
    sharp: blurry.map((value, i) => 0.7 * value + 0.3 * (change[i] ?? 0)),
    neighbours: Array.from({ length: network.frames - 1 }, (_, n) => ({
      moved: randomRow(pixels, "moved", n),
      flow: randomRow(cells, "flow", n).map((value) => 40 * (value - 0.5)),
    })),
  };
}

/** Takes steps from a state, all on one batch. */
export async function takeSteps(
  tf: TensorFlow,
  learner: Learner,
  rows: StateRows,
  batch: Batch,
  { count, ...settings }: StepSettings & { readonly count: number },
): Promise<{ readonly rows: StateRows; readonly results: StepResult[] }> {
  const { weights, average, m, v } = rows;
  let state = {
    weights: tf.tensor1d(weights),
    average: tf.tensor1d(average),
    m: tf.tensor1d(m),
    v: tf.tensor1d(v),
  } as Parameters<Learner["step"]>[0];
  const results: StepResult[] = [];
  for (let i = 0; i < count; i++) {
    const { state: next, ...result } = await learner.step(state, batch, settings);
    tf.dispose({ ...state });
    state = next;
    results.push(result);
  }
  const read = async (row: keyof StateRows) => Float32Array.from(await state[row].data());
  const end = {
    weights: await read("weights"),
    average: await read("average"),
    m: await read("m"),
    v: await read("v"),
  };
  tf.dispose({ ...state });
  return { rows: end, results };
}

/** Length of the difference of two rows, as a share of that of the first. */
export function difference(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? NaN))) / Math.hypot(...a);
}
