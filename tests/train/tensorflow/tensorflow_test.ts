import assert from "node:assert/strict";
import * as core from "@tensorflow/tfjs-core";
import { loadTensorFlow, type TrainDevice } from "../../../src/train/tensorflow/tensorflow.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";

Deno.test("loadTensorFlow javascript computes on the processor with the one tfjs-core", async () => {
  const tf = await loadTensorFlow("javascript");
  assert.equal(tf.getBackend(), "cpu");
  assert.equal(tf.engine(), core.engine());
  const x = tf.tensor4d(Array.from({ length: 16 }, (_, i) => i), [1, 4, 4, 1]);
  const y = tf.conv2d(x, tf.ones([2, 2, 1, 1]), 2, "valid");
  assert.deepEqual([...await y.data()], [0 + 1 + 4 + 5, 2 + 3 + 6 + 7, 8 + 9 + 12 + 13, 10 + 11 + 14 + 15]);
  tf.dispose([x, y]);
});

Deno.test("loadTensorFlow tensorflow computes with the one tfjs-core, or says which task builds it", {
  sanitizeResources: false, // the binding stays loaded
}, async () => {
  if (!isNativeTensorFlowBuilt()) {
    await assert.rejects(loadTensorFlow("tensorflow"), {
      name: "EngineError",
      message: /deno task setup:tensorflow/,
    });
    return;
  }
  const tf = await loadTensorFlow("tensorflow");
  assert.equal(tf.getBackend(), "tensorflow");
  assert.equal(tf.engine(), core.engine());
  assert.equal(tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])).dataSync())[0], 6);
});

Deno.test("loadTensorFlow names the devices there are", async () => {
  await assert.rejects(loadTensorFlow("abacus" as TrainDevice), {
    name: "EngineError",
    message: /"abacus".*Choose tensorflow, webgpu or javascript/,
  });
});
