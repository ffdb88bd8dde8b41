import assert from "node:assert/strict";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { GraphLearner } from "../../../src/train/graph/graph_learner.ts";
import type { Checkpoint } from "../../../src/train/run/checkpoint.ts";
import { FlatWeights } from "../../../src/train/step/flat_weights.ts";
import type { Learner } from "../../../src/train/step/learner.ts";
import { TfjsLearner } from "../../../src/train/step/tfjs_learner.ts";
import { TrainingRun } from "../../../src/train/run/training_run.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { randomBatch, randomState } from "../../helpers/random_step.ts";
import { TINY } from "../../helpers/tiny_training.ts";

/** A run of 5 steps so far. */
function started(): Checkpoint {
  const layout = new FlatWeights(describeNetwork(TINY.network).tensors);
  const { weights, average, m, v } = randomState(TINY);
  const [first, second] = [layout.unpack(m), layout.unpack(v)];
  return {
    config: { ...TINY, averageDecay: 0.9 },
    seed: 1,
    step: 5,
    crops: 10,
    seconds: 3,
    weights: layout.unpack(weights),
    average: layout.unpack(average),
    moments: new Map(
      [...first].map(([name, m]) => [name, { m, v: second.get(name) ?? assert.fail(name) }]),
    ),
  };
}

async function checkFailure(tf: TensorFlow, learner: Learner): Promise<void> {
  const before = tf.memory().numTensors;
  const start = started();
  {
    using run = new TrainingRun(tf, start);
    const held = tf.memory().numTensors;
    const good = randomBatch(TINY);
    const bad = { ...good, blurry: good.blurry.map((value, i) => i === 700 ? NaN : value) };
    await assert.rejects(run.step(learner, bad, 1e-3), {
      name: "RangeError",
      message: "Training stopped at step 5: the loss is NaN. A lower learning rate may help",
    });
    assert.equal(tf.memory().numTensors, held);
    assert.deepEqual(await run.checkpoint(3), start);
    const { loss } = await run.step(learner, good, 1e-3);
    assert.ok(Number.isFinite(loss));
    assert.deepEqual([run.steps, run.crops, tf.memory().numTensors], [6, 10 + TINY.batch, held]);
    assert.notDeepEqual((await run.checkpoint(3)).weights, start.weights);
  }
  assert.equal(tf.memory().numTensors, before);
}

Deno.test("TrainingRun is not changed by a loss that is not a number, and can continue: TfjsLearner", async () => {
  const tf = await loadTensorFlow("javascript");
  using learner = new TfjsLearner(tf, TINY);
  await checkFailure(tf, learner);
});

nativeTest(
  "TrainingRun is not changed by a loss that is not a number, and can continue: GraphLearner",
  async (tf) => {
    using learner = await GraphLearner.open(tf, TINY, "float32");
    await checkFailure(tf, learner);
  },
);

Deno.test("TrainingRun passes Adam's step size and a lower initial decay of the average to the learner", async () => {
  const tf = await loadTensorFlow("javascript");
  using run = new TrainingRun(tf, { ...started(), config: { ...TINY, averageDecay: 0.9 }, step: 0 });
  const told: number[][] = [];
  const learner: Learner = {
    step(state, _, { stepSize, decay }) {
      told.push([stepSize, decay]);
      const copy = Object.fromEntries(Object.entries(state).map(([row, tensor]) => [row, tf.clone(tensor)]));
      const result = { loss: 1, lossOfNothing: 1, change: 1 };
      return Promise.resolve({ ...result, state: { ...state, ...copy } });
    },
    [Symbol.dispose]: () => {},
  };
  for (let i = 0; i < 100; i++) await run.step(learner, randomBatch(TINY), 1e-3);
  const [[stepSize = NaN, decay] = []] = told;
  assert.ok(Math.abs(stepSize / 1e-3 - Math.sqrt(0.001) / 0.1) < 1e-9);
  assert.equal(decay, 1 / 10);
  assert.deepEqual([told[4]?.[1], told[99]?.[1]], [5 / 14, 0.9]);
});
