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
import type { Learner, TrainingState } from "./learner.ts";
import { TfjsLearner } from "./tfjs_learner.ts";

/** How steps are computed, and what it took to choose. */
export interface ChosenPrecision {
  /** Of convolutions. */
  readonly precision: Precision;
  /** Equal parts in which a batch is computed, one after the other, because all of it would take too much memory. */
  readonly parts: number;
  /** Least milliseconds of a step in each precision that was timed. */
  readonly timed?: Readonly<Record<Precision, number>>;
}

/** Options of {@linkcode openLearner}. */
export interface LearnerOptions {
  /** `auto` times ten steps of each on `batch`, fewer where they are slow, and learns nothing from them. */
  readonly precision: typeof PRECISIONS[number];
  /** What a run that goes on was computed in so far. @default {as few as memory allows} */
  readonly parts?: number;
  /** What steps start from; left as it is. */
  readonly state: TrainingState;
  /** Asked for only where steps are timed. */
  readonly batch: () => Promise<Batch>;
  /** Bytes that a step may take. @default {half of the free memory} */
  readonly memory?: number;
}

/** Steps that `auto` takes in each precision; the first ones, slower than the others, are among them. */
const TIMED_STEPS = 12;
/** Fewer where they take longer than this, seconds. */
const TIMED_SECONDS = 30;
const FEWEST_STEPS = 2;
/** Nothing is learnt while steps are timed. */
const NO_STEP = { stepSize: 0, decay: 0 };

/** What computes training steps on `device`: one TensorFlow graph a step where TensorFlow is native, else operation by operation in float32. */
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

/** Least milliseconds of a step, of each learner in turn: other work on the machine makes steps longer, never shorter. */
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
