import assert from "node:assert/strict";
import { trainConfig } from "../../../src/train/config.ts";
import type { TrainingState } from "../../../src/train/step/learner.ts";
import { adamStep, adamStepSize, TfjsLearner } from "../../../src/train/step/tfjs_learner.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { randomBatch, randomState, takeSteps } from "../../helpers/random_step.ts";
import { TINY } from "../../helpers/tiny_training.ts";

const { adam } = trainConfig("paper");
const RATE = 0.1;

type Rows = Record<keyof TrainingState, readonly number[]>;

/** Steps `from` … `to` down the gradients given, from a state, with a running average. */
async function run(gradients: readonly (readonly number[])[], from: number, start: Rows): Promise<Rows> {
  const tf = await loadTensorFlow("javascript");
  const before = tf.memory().numTensors;
  const rows = tf.tidy(() => {
    const { weights, average, m, v } = start;
    let state: TrainingState = {
      weights: tf.tensor1d([...weights]),
      average: tf.tensor1d([...average]),
      m: tf.tensor1d([...m]),
      v: tf.tensor1d([...v]),
    };
    gradients.forEach((gradient, i) => {
      const settings = { stepSize: adamStepSize(adam, RATE, from + i), decay: 0.75 };
      state = adamStep(tf, adam, state, tf.tensor1d([...gradient]), settings);
    });
    const read = (row: keyof TrainingState) => [...state[row].dataSync()];
    return { weights: read("weights"), average: read("average"), m: read("m"), v: read("v") };
  });
  assert.equal(tf.memory().numTensors, before);
  return rows;
}

function near(actual: readonly number[], expected: readonly number[], within = 1e-6) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs((actual[i] ?? NaN) - value) <= within, `${actual[i]} is not ${value}`)
  );
}

const BEGIN: Rows = { weights: [1, -2], average: [1, -2], m: [0, 0], v: [0, 0] };

Deno.test("adamStep takes the steps as computed by hand, twice", async () => {
  const [first, second] = [[0.5, -4], [0.1, 2]] as const;
  // m = 0.1 g and v = 0.001 g², corrected g and g²: the first step is the rate, against the gradient's sign.
  near((await run([first], 1, BEGIN)).weights, [0.9, -1.9]);

  const expected = [0.9, -1.9].map((value, i) => {
    const [g1, g2] = [first[i] ?? 0, second[i] ?? 0];
    const m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81);
    const v = (0.999 * 0.001 * g1 ** 2 + 0.001 * g2 ** 2) / (1 - 0.998001);
    return value - 0.1 * m / Math.sqrt(v);
  });
  const { weights, average } = await run([first, second], 1, BEGIN);
  near(weights, expected);
  // 0.9 − 0.1 · (0.055 / 0.19) / √(0.00025975 / 0.001999)
  near(weights.slice(0, 1), [0.819695], 1e-5);
  // Of 1, 0.9 and 0.819695: 0.75 · (0.75 · 1 + 0.25 · 0.9) + 0.25 · 0.819695
  near(average.slice(0, 1), [0.936174], 1e-5);
});

Deno.test("adamStep continues with the moments of a checkpoint exactly", async () => {
  const gradients = [[0.5, -4], [0.1, 2], [-3, 0.2]];
  const broken = await run(gradients.slice(2), 3, await run(gradients.slice(0, 2), 1, BEGIN));
  assert.deepEqual(broken, await run(gradients, 1, BEGIN));
});

Deno.test("adamStepSize is the rate after many steps", () => {
  assert.ok(Math.abs(adamStepSize(adam, 2, 1) - 2 * Math.sqrt(0.001) / 0.1) < 1e-12);
  assert.ok(Math.abs(adamStepSize(adam, 2, 100_000) - 2) < 1e-9);
});

Deno.test("TfjsLearner does not change the state it is given, and leaves no tensors behind", async () => {
  const tf = await loadTensorFlow("javascript");
  const before = tf.memory().numTensors;
  const [state, batch] = [randomState(TINY), randomBatch(TINY)];
  using learner = new TfjsLearner(tf, TINY);
  const { rows, results } = await takeSteps(tf, learner, state, batch, {
    stepSize: 1e-3,
    decay: 0,
    count: 2,
  });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(rows.average, rows.weights);
  assert.notDeepEqual(rows.weights, state.weights);
  assert.ok((results[1]?.loss ?? NaN) < (results[0]?.loss ?? NaN), "the loss is that before the step");
  assert.equal(results[1]?.lossOfNothing, results[0]?.lossOfNothing);
});
