import assert from "node:assert/strict";
import { batchTensors } from "../../../src/train/step/batch_tensors.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { randomRow } from "../../helpers/random_step.ts";

Deno.test("batchTensors gives the batch's numbers as they are, in the shapes that a network takes", async () => {
  const tf = await loadTensorFlow("javascript");
  const pictures = (key: string) => randomRow(2 * 32 * 32 * 3, key);
  const neighbours = [{ moved: pictures("moved"), flow: randomRow(2 * 2 * 2 * 2, "flow") }];
  const batch = { blurry: pictures("blurry"), sharp: pictures("sharp"), neighbours };
  const { blurry, sharp, neighbours: [neighbour] } = batchTensors(tf, { batch: 2, crop: 32 }, batch);
  assert.ok(neighbour);
  assert.deepEqual([blurry, sharp, neighbour.moved].map(({ shape }) => shape), Array(3).fill([2, 32, 32, 3]));
  assert.deepEqual(neighbour.flow.shape, [2, 2, 2, 2]);
  const tensors = [blurry, sharp, neighbour.moved, neighbour.flow];
  const rows = [batch.blurry, batch.sharp, ...neighbours.flatMap(({ moved, flow }) => [moved, flow])];
  assert.deepEqual(await Promise.all(tensors.map((tensor) => tensor.data())), rows);
  tf.dispose(tensors);
});
