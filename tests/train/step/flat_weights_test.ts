import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs-core";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { FlatWeights } from "../../../src/train/step/flat_weights.ts";

const LAYOUT = new FlatWeights([{ name: "a", shape: [2, 2] }, { name: "b", shape: [3] }]);
const VALUES = new Map([["b", Float32Array.of(5, 6, 7)], ["a", Float32Array.of(1, 2, 3, 4)]]);

Deno.test("FlatWeights packs values in its own order and gives copies of them back by name", () => {
  const row = LAYOUT.pack(VALUES, "weights");
  assert.deepEqual([...row], [1, 2, 3, 4, 5, 6, 7]);
  const values = LAYOUT.unpack(row);
  assert.deepEqual(values, new Map([...VALUES].reverse()));
  row.fill(0);
  assert.deepEqual(values.get("b"), VALUES.get("b"));
});

Deno.test("FlatWeights's tensors have their shapes, and gradients flow through them to the row", async () => {
  const tf = await loadTensorFlow("javascript");
  const before = tf.memory().numTensors;
  const row = tf.tensor1d(LAYOUT.pack(VALUES, "weights"));
  const tensors = LAYOUT.tensors(tf, row);
  assert.deepEqual([...tensors].map(([name, { shape }]) => [name, shape]), [["a", [2, 2]], ["b", [3]]]);
  assert.deepEqual([...await tensors.get("b")?.data() ?? []], [5, 6, 7]);
  const squares = (row: tfjs.Tensor) =>
    tf.sum(tf.square(LAYOUT.tensors(tf, row).get("a") ?? assert.fail("a is there")));
  const gradient = tf.grad(squares)(row);
  assert.deepEqual([...await gradient.data()], [2, 4, 6, 8, 0, 0, 0]);
  tf.dispose([row, gradient, ...tensors.values()]);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("FlatWeights names a tensor that is missing, and one of another size", () => {
  assert.throws(() => LAYOUT.pack(new Map([...VALUES].slice(1)), "average"), /no average named "b"/);
  const long = new Map(VALUES).set("a", new Float32Array(5));
  assert.throws(() => LAYOUT.pack(long, "weights"), /no weights named "a" of 4 values, but one of 5/);
});
