import { freemem } from "node:os";
import { isNativeTensorFlowBuilt } from "../../model/tfjs/native_tensorflow.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { TrainConfig } from "../config.ts";
import { chooseParts } from "../graph/choose_parts.ts";
import { GraphLearner } from "../graph/graph_learner.ts";
import type { Precision } from "../graph/graph_ops.ts";
import type { PRECISIONS } from "../settings.ts";
import type { TrainDevice } from "../tensorflow/tensorflow.ts";
import type { Learner, TrainingState } from "../step/learner.ts";
import { TfjsLearner } from "../step/tfjs_learner.ts";

/** How steps are computed, and why. */
export interface ChosenPrecision {
  /** Type of convolutions. */
  readonly precision: Precision;
  /** Number of equal parts in which a batch is computed, one after the other, to save memory. */
  readonly parts: number;
  /** Shortest time of a step in each precision, in milliseconds, if they were timed. */
  readonly timed?: Readonly<Record<Precision, number>>;
}

/** Options of {@linkcode openLearner}. */
export interface LearnerOptions {
  /** `auto` times up to twelve steps of each on `batch`, without changing the weights. */
  readonly precision: typeof PRECISIONS[number];
  /** Number of parts so far, of a resumed run. @default {as few as memory allows} */
  readonly parts?: number;
  /** State that timed steps start from; it is not changed. */
  readonly state: TrainingState;
  /** Called only if steps are timed. */
  readonly batch: () => Promise<Batch>;
  /** Bytes that a step may take. @default {half of the free memory} */
  readonly memory?: number;
}

/** Steps that `auto` times in each precision, including the first ones, which are slower. */
const TIMED_STEPS = 12;
/** Seconds after which fewer steps are timed. */
const TIMED_SECONDS = 30;
const FEWEST_STEPS = 2;
/** Weights do not change while steps are timed. */
const NO_STEP = { stepSize: 0, decay: 0 };

/** Opens what computes training steps on `device`: one graph per step on native TensorFlow, else operation by operation in float32. */
export async function openLearner(
  tf: TensorFlow,
  device: TrainDevice,
  config: TrainConfig,
  options: LearnerOptions,
): Promise<{ readonly learner: Learner; readonly chosen: ChosenPrecision }> {
  if (device !== "tensorflow" || !isNativeTensorFlowBuilt()) {
    return { learner: new TfjsLearner(tf, config), chosen: { precision: "float32", parts: 1 } };
  }
  const { precision, state, batch, memory = freemem() / 2 } = options;
  const partsIn = (precision: Precision) => options.parts ?? chooseParts(config, precision, memory);
  const open = (precision: Precision) => GraphLearner.open(tf, config, precision, partsIn(precision));
  if (precision !== "auto") {
    return { learner: await open(precision), chosen: { precision, parts: partsIn(precision) } };
  }
  using opened = new DisposableStack();
  const learners = {
    bfloat16: opened.use(await open("bfloat16")),
    float32: opened.use(await open("float32")),
  };
  const timed = await timeSteps(tf, learners, state, await batch());
  const [faster, slower] = timed.bfloat16 < timed.float32
    ? ["bfloat16", "float32"] as const
    : ["float32", "bfloat16"] as const;
  opened.move();
  learners[slower][Symbol.dispose]();
  return { learner: learners[faster], chosen: { precision: faster, parts: partsIn(faster), timed } };
}

/** Shortest time of a step of each learner, in milliseconds, timed in turn: other work on the machine only makes steps longer. */
async function timeSteps(
  tf: TensorFlow,
  learners: Readonly<Record<Precision, Learner>>,
  state: TrainingState,
  batch: Batch,
): Promise<Record<Precision, number>> {
  const least = { bfloat16: Infinity, float32: Infinity };
  const end = performance.now() + TIMED_SECONDS * 1000;
  for (let i = 0; i < TIMED_STEPS && (i < FEWEST_STEPS || performance.now() < end); i++) {
    for (const precision of ["bfloat16", "float32"] as const) {
      const begun = performance.now();
      const { state: { weights, average, m, v } } = await learners[precision].step(state, batch, NO_STEP);
      least[precision] = Math.min(least[precision], performance.now() - begun);
      tf.dispose([weights, average, m, v]);
    }
  }
  return least;
}
