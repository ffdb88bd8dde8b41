import assert from "node:assert/strict";
import { trainConfig } from "../../../src/train/config.ts";
import { Adam } from "../../../src/train/run/adam.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";

const { adam } = trainConfig("paper");

function near(actual: ArrayLike<number>, expected: readonly number[], within = 1e-6) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs((actual[i] ?? NaN) - value) <= within, `${actual[i]} is not ${value}`)
  );
}

Deno.test("Adam takes the steps as computed by hand, twice", async () => {
  const tf = await loadTensorFlow("javascript");
  const before = tf.memory().numTensors;
  const x = tf.variable(tf.tensor1d([1, -2]), true, "x");
  const optimizer = new Adam(tf, adam);
  const [first, second] = [[0.5, -4], [0.1, 2]] as const;

  optimizer.apply(new Map([["x", x]]), { x: tf.tensor1d([...first]) }, 1, 0.1);
  // m = 0.1 g and v = 0.001 g², corrected g and g²: the first step is the rate, against the gradient's sign.
  near(x.dataSync(), [0.9, -1.9]);

  optimizer.apply(new Map([["x", x]]), { x: tf.tensor1d([...second]) }, 2, 0.1);
  const expected = [0.9, -1.9].map((value, i) => {
    const [g1, g2] = [first[i] ?? 0, second[i] ?? 0];
    const m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81);
    const v = (0.999 * 0.001 * g1 ** 2 + 0.001 * g2 ** 2) / (1 - 0.998001);
    return value - 0.1 * m / Math.sqrt(v);
  });
  near(x.dataSync(), expected);
  // 0.9 − 0.1 · (0.055 / 0.19) / √(0.00025975 / 0.001999)
  near(x.dataSync().slice(0, 1), [0.819695], 1e-5);
  optimizer.dispose();
  assert.equal(tf.memory().numTensors, before + 4); // x, what made it, and two gradients, which are the caller's
  tf.disposeVariables();
});

Deno.test("Adam goes on with a checkpoint's moments exactly where it stopped", async () => {
  const tf = await loadTensorFlow("javascript");
  const gradients = [[0.5, -4], [0.1, 2], [-3, 0.2]];
  const run = (from: number, to: number, state: { x: number[]; m?: number[]; v?: number[] }) => {
    const x = tf.variable(tf.tensor1d(state.x), true, "x");
    const moments = state.m && state.v
      ? new Map([["x", { m: tf.tensor1d(state.m), v: tf.tensor1d(state.v) }]])
      : new Map();
    const optimizer = new Adam(tf, adam, moments);
    for (let i = from; i < to; i++) {
      optimizer.apply(new Map([["x", x]]), { x: tf.tensor1d(gradients[i] ?? []) }, i + 1, 0.1);
    }
    const { m, v } = optimizer.moments.get("x") ?? assert.fail("x has moments");
    const end = { x: [...x.dataSync()], m: [...m.dataSync()], v: [...v.dataSync()] };
    x.dispose();
    optimizer.dispose();
    return end;
  };
  assert.deepEqual(run(2, 3, run(0, 2, { x: [1, -2] })), run(0, 3, { x: [1, -2] }));
});

Deno.test("Adam refuses a variable without gradient, which a typing error would leave untrained", async () => {
  const tf = await loadTensorFlow("javascript");
  const x = tf.variable(tf.tensor1d([1]), true, "x");
  const optimizer = new Adam(tf, adam);
  assert.throws(() => optimizer.apply(new Map([["x", x]]), {}, 1, 0.1), /"x": it has no gradient/);
  x.dispose();
});
