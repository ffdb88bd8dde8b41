import assert from "node:assert/strict";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { trainConfig } from "../../../src/train/config.ts";
import { LOSSES } from "../../../src/train/settings.ts";
import { GraphLearner } from "../../../src/train/graph/graph_learner.ts";
import { FlatWeights } from "../../../src/train/step/flat_weights.ts";
import type { StepResult } from "../../../src/train/step/learner.ts";
import { TfjsLearner } from "../../../src/train/step/tfjs_learner.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import {
  difference,
  randomBatch,
  randomState,
  type StateRows,
  takeSteps,
} from "../../helpers/random_step.ts";
import { TINY } from "../../helpers/tiny_training.ts";

const SETTINGS = { stepSize: 1e-3, decay: 0.9 };
const ROWS = ["weights", "average", "m", "v"] as const;
const FIGURES = ["loss", "lossOfNothing", "change"] as const;
/** The first moment is then the gradient. */
const NO_MEMORY = { beta1: 0, beta2: 0.999, epsilon: 1e-8 };

interface Steps {
  readonly rows: StateRows;
  readonly results: readonly StepResult[];
}

/** The largest difference of rows, as a share of their length, and of figures, as a share of themselves. */
function largestDifference(a: Steps, b: Steps): number {
  assert.equal(a.results.length, b.results.length);
  return Math.max(
    ...ROWS.map((row) => difference(a.rows[row], b.rows[row])),
    ...a.results.flatMap((result, i) =>
      FIGURES.map((key) => Math.abs(1 - (b.results[i]?.[key] ?? NaN) / result[key]))
    ),
  );
}

for (const preset of ["smoke", "smoke-video"] as const) {
  for (const loss of LOSSES) {
    nativeTest(
      `GraphLearner takes the steps of TfjsLearner, to float rounding: ${preset}, ${loss}`,
      async (tf) => {
        const config = { ...trainConfig(preset), crop: 16, loss };
        const [state, batch] = [randomState(config), randomBatch(config)];
        using learner = await GraphLearner.open(tf, config, "float32");
        for (const count of [1, 3]) {
          const settings = { ...SETTINGS, count };
          const graph = await takeSteps(tf, learner, state, batch, settings);
          for (const device of ["javascript", "tensorflow"] as const) { // the last one stays chosen
            const other = await loadTensorFlow(device);
            const tfjs = await takeSteps(other, new TfjsLearner(other, config), state, batch, settings);
            const found = largestDifference(tfjs, graph);
            assert.ok(found < 1e-5, `${device}, ${count} steps: ${found}`);
          }
        }
      },
    );
  }

  // A rounding is 2⁻⁸ of a value at most. A value goes through some twenty, up or down alike, which is the root of twenty times as
  // much; and some ReLUs near 0 open that would be closed.
  nativeTest(`GraphLearner in bfloat16 finds the gradient to eight roundings: ${preset}`, async (tf) => {
    const config = { ...trainConfig(preset), adam: NO_MEMORY };
    const [state, batch] = [randomState(config), randomBatch(config)];
    const layout = new FlatWeights(describeNetwork(config.network).tensors);
    const step = async (precision: "float32" | "bfloat16") => {
      using learner = await GraphLearner.open(tf, config, precision);
      const { rows, results: [result] } = await takeSteps(tf, learner, state, batch, {
        ...SETTINGS,
        count: 1,
      });
      return { gradient: layout.unpack(rows.m), loss: result?.loss ?? NaN };
    };
    const [exact, rounded] = [await step("float32"), await step("bfloat16")];
    assert.ok(Math.abs(1 - rounded.loss / exact.loss) < 2 ** -8, `${rounded.loss}, not ${exact.loss}`);
    for (const [name, gradient] of exact.gradient) {
      const found = difference(gradient, rounded.gradient.get(name) ?? assert.fail(name));
      assert.ok(found > 0 && found < 8 * 2 ** -8, `${name}: ${found}`);
    }
  });
}

for (const parts of [2, 4]) {
  nativeTest(`GraphLearner in ${parts} parts takes the steps of the whole batch`, async (tf) => {
    for (const preset of ["smoke", "smoke-video"] as const) {
      const config = { ...trainConfig(preset), batch: 4, crop: 16 };
      const [state, batch] = [randomState(config), randomBatch(config)];
      const steps = async (parts?: number) => {
        using learner = await GraphLearner.open(tf, config, "float32", parts);
        return await takeSteps(tf, learner, state, batch, { ...SETTINGS, count: 2 });
      };
      const found = largestDifference(await steps(), await steps(parts));
      assert.ok(found < 1e-5, `${preset}: ${found}`);
    }
  });
}

nativeTest("GraphLearner refuses parts that are not equal", async (tf) => {
  await assert.rejects(GraphLearner.open(tf, { ...TINY, batch: 4 }, "float32", 3), {
    name: "RangeError",
    message: "Cannot cut a batch of 4 into 3 equal parts",
  });
});

nativeTest(
  "GraphLearner moves the weights as Adam and the running average as its decay say, by hand",
  async (tf) => {
    const [state, batch] = [randomState(TINY), randomBatch(TINY)];
    const step = async (adam: typeof NO_MEMORY, decay: number) => {
      using learner = await GraphLearner.open(tf, { ...TINY, adam }, "float32");
      return (await takeSteps(tf, learner, state, batch, { stepSize: 0.01, decay, count: 1 })).rows;
    };
    const { m: gradient } = await step(NO_MEMORY, 0);
    const adam = { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };
    const found = await step(adam, 0.75);
    const last = await step(adam, 0);
    for (const [i, g] of gradient.entries()) {
      const at = (row: Float32Array) => row[i] ?? NaN;
      const m = 0.8 * at(state.m) + 0.2 * g;
      const v = 0.95 * at(state.v) + 0.05 * g * g;
      const weights = at(state.weights) - 0.01 * m / (Math.sqrt(v) + 1e-3);
      const expected = { m, v, weights, average: 0.75 * at(state.average) + 0.25 * weights };
      for (const row of ROWS) {
        const error = Math.abs(expected[row] - at(found[row]));
        assert.ok(error <= 1e-6 * Math.max(0.1, Math.abs(expected[row])), `${row}[${i}] is off by ${error}`);
      }
      assert.ok(Math.abs(at(last.average) - weights) <= 1e-6, "decay 0 makes the average the weights");
    }
  },
);

nativeTest("GraphLearner does not change the tensors it is given, and leaves none behind", async (tf) => {
  const [rows, batch] = [randomState(TINY), randomBatch(TINY)];
  const before = tf.memory().numTensors;
  const state = {
    weights: tf.tensor1d(rows.weights),
    average: tf.tensor1d(rows.average),
    m: tf.tensor1d(rows.m),
    v: tf.tensor1d(rows.v),
  };
  using learner = await GraphLearner.open(tf, TINY, "float32");
  const { state: next } = await learner.step(state, batch, SETTINGS);
  assert.equal(tf.memory().numTensors, before + 8);
  for (const row of ROWS) {
    assert.deepEqual(Float32Array.from(await state[row].data()), rows[row]);
    assert.notDeepEqual(Float32Array.from(await next[row].data()), rows[row]);
  }
  tf.dispose([...Object.values(state), ...Object.values(next)]);
});
