import assert from "node:assert/strict";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { stepBytes } from "../../../src/train/graph/choose_parts.ts";
import { GraphLearner } from "../../../src/train/graph/graph_learner.ts";
import type { TrainingState } from "../../../src/train/step/learner.ts";
import { type LearnerOptions, openLearner } from "../../../src/train/run/open_learner.ts";
import { TfjsLearner } from "../../../src/train/step/tfjs_learner.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { randomBatch, randomState } from "../../helpers/random_step.ts";
import { TINY } from "../../helpers/tiny_training.ts";

const ROWS = ["weights", "average", "m", "v"] as const;

/** The state as tensors, whatever they are on. */
function stateOn(tf: TensorFlow): TrainingState {
  const { weights, average, m, v } = randomState(TINY);
  return {
    weights: tf.tensor1d(weights),
    average: tf.tensor1d(average),
    m: tf.tensor1d(m),
    v: tf.tensor1d(v),
  };
}

function options(state: TrainingState, changes: Partial<LearnerOptions>): LearnerOptions {
  return { precision: "auto", state, batch: () => assert.fail("no steps are timed"), ...changes };
}

nativeTest(
  "openLearner auto times both precisions, takes the faster, and learns nothing from it",
  async (tf) => {
    const state = stateOn(tf);
    const before = tf.memory().numTensors;
    let asked = 0;
    const batch = () => Promise.resolve(randomBatch(TINY)).finally(() => asked++);
    const { learner, chosen } = await openLearner(tf, "tensorflow", TINY, options(state, { batch }));
    using _ = learner;
    const { precision, parts, timed } = chosen;
    assert.ok(timed !== undefined && timed.bfloat16 > 0 && timed.float32 > 0);
    assert.deepEqual([timed[precision], parts, asked], [Math.min(timed.bfloat16, timed.float32), 1, 1]);
    assert.equal(tf.memory().numTensors, before);
    const start = randomState(TINY);
    for (const row of ROWS) assert.deepEqual(Float32Array.from(await state[row].data()), start[row]);

    // What is left is a learner of the precision that it says it is.
    const settings = { stepSize: 1e-3, decay: 0 };
    using same = await GraphLearner.open(tf, TINY, precision);
    const [a, b] = [
      await learner.step(state, randomBatch(TINY), settings),
      await same.step(state, randomBatch(TINY), settings),
    ];
    assert.equal(a.loss, b.loss);
    tf.dispose([...Object.values(state), ...Object.values(a.state), ...Object.values(b.state)]);
  },
);

for (const precision of ["bfloat16", "float32"] as const) {
  nativeTest(`openLearner takes ${precision} where it is told to, and times nothing`, async (tf) => {
    const state = stateOn(tf);
    const { learner, chosen } = await openLearner(tf, "tensorflow", TINY, options(state, { precision }));
    using _ = learner;
    assert.ok(learner instanceof GraphLearner);
    assert.deepEqual(chosen, { precision, parts: 1 });
    tf.dispose(Object.values(state));
  });
}

nativeTest(
  "openLearner computes a batch in as many parts as memory needs, or as a run was begun with",
  async (tf) => {
    const config = { ...TINY, batch: 6 };
    const state = stateOn(tf);
    const memory = stepBytes(config, "float32", 3);
    for (
      const [changes, parts] of [[{ memory }, 2], [{ memory: 0 }, 6], [{ memory, parts: 3 }, 3]] as const
    ) {
      const told = options(state, { precision: "float32", ...changes });
      const { learner, chosen } = await openLearner(tf, "tensorflow", config, told);
      using _ = learner;
      assert.deepEqual(chosen, { precision: "float32", parts });
    }
    tf.dispose(Object.values(state));
  },
);

nativeTest("openLearner frees what it loaded when a step fails while it is timed", async (tf) => {
  const { node } = await import("@tensorflow/tfjs-node-gpu");
  const state = stateOn(tf);
  const before = [tf.memory().numTensors, node.getNumOfSavedModels()];
  const batch = () => Promise.reject(new Error("no batch"));
  await assert.rejects(openLearner(tf, "tensorflow", TINY, options(state, { batch })), /no batch/);
  assert.deepEqual([tf.memory().numTensors, node.getNumOfSavedModels()], before);
  tf.dispose(Object.values(state));
});

Deno.test("openLearner on javascript is float32, whatever is requested, and times nothing", async () => {
  const tf = await loadTensorFlow("javascript");
  const state = stateOn(tf);
  for (const precision of ["auto", "bfloat16", "float32"] as const) {
    const { learner, chosen } = await openLearner(tf, "javascript", TINY, options(state, { precision }));
    using _ = learner;
    assert.ok(learner instanceof TfjsLearner);
    assert.deepEqual(chosen, { precision: "float32", parts: 1 });
  }
  tf.dispose(Object.values(state));
});
