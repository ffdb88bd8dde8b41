import { isNativeTensorFlowBuilt } from "../../model/tfjs/native_tensorflow.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { TrainConfig } from "../config.ts";
import type { PRECISIONS } from "../settings.ts";
import { GraphLearner } from "../graph/graph_learner.ts";
import type { Precision } from "../graph/graph_ops.ts";
import type { TrainDevice } from "../tensorflow/tensorflow.ts";
import type { Learner, TrainingState } from "./learner.ts";
import { TfjsLearner } from "./tfjs_learner.ts";

/** How convolutions are computed, and what it took to choose. */
export interface ChosenPrecision {
  readonly precision: Precision;
  /** Least milliseconds of a step in each precision that was timed. */
  readonly timed?: Readonly<Record<Precision, number>>;
}

/** Steps that `auto` times in each precision, after some that are not counted. */
const TIMED_STEPS = 10;
const WARM_UP = 2;
/** Nothing is learnt while steps are timed. */
const NO_STEP = { stepSize: 0, decay: 0 };

/**
 * What computes training steps on `device`: one TensorFlow graph a step where TensorFlow is native, else operation by operation in float32.
 *
 * @param precision `auto` times ten steps of each on `batch`, and learns nothing from them.
 */
export async function openLearner(
  tf: TensorFlow,
  device: TrainDevice,
  config: TrainConfig,
  { precision, state, batch }: {
    readonly precision: typeof PRECISIONS[number];
    readonly state: TrainingState;
    readonly batch: () => Promise<Batch>;
  },
): Promise<{ readonly learner: Learner; readonly chosen: ChosenPrecision }> {
  if (device !== "tensorflow" || !isNativeTensorFlowBuilt()) {
    return { learner: new TfjsLearner(tf, config), chosen: { precision: "float32" } };
  }
  if (precision !== "auto") {
    return { learner: await GraphLearner.open(tf, config, precision), chosen: { precision } };
  }
  const learners = {
    bfloat16: await GraphLearner.open(tf, config, "bfloat16"),
    float32: await GraphLearner.open(tf, config, "float32"),
  };
  const timed = await timeSteps(tf, learners, state, await batch());
  const [faster, slower] = timed.bfloat16 < timed.float32
    ? ["bfloat16", "float32"] as const
    : ["float32", "bfloat16"] as const;
  learners[slower][Symbol.dispose]();
  return { learner: learners[faster], chosen: { precision: faster, timed } };
}

/** Least milliseconds of a step, of each learner in turn: other work on the machine makes steps longer, never shorter. */
async function timeSteps(
  tf: TensorFlow,
  learners: Readonly<Record<Precision, Learner>>,
  state: TrainingState,
  batch: Batch,
): Promise<Record<Precision, number>> {
  const least = { bfloat16: Infinity, float32: Infinity };
  for (let i = 0; i < TIMED_STEPS + WARM_UP; i++) {
    for (const precision of ["bfloat16", "float32"] as const) {
      const begun = performance.now();
      const { state: { weights, average, m, v } } = await learners[precision].step(state, batch, NO_STEP);
      if (i >= WARM_UP) least[precision] = Math.min(least[precision], performance.now() - begun);
      tf.dispose([weights, average, m, v]);
    }
  }
  return least;
}
