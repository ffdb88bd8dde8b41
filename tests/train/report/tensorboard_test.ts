import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { openTensorBoard } from "../../../src/train/report/tensorboard.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test({
  name: "openTensorBoard writes an event file with the names of its curves, and leaves no tensors" +
    (isNativeTensorFlowBuilt() ? "" : " (native TensorFlow is not built)"),
  ignore: !isNativeTensorFlowBuilt(),
  sanitizeResources: false, // the binding stays loaded
  async fn() {
    await using folder = await temporaryFolder();
    const board = await openTensorBoard(folder.file("tensorboard"));
    const tf = await loadTensorFlow("tensorflow");
    const before = tf.memory().numTensors;
    for (let step = 1; step <= 20; step++) board.scalar("a curve", 1 / step, step);
    board.flush();
    assert.equal(tf.memory().numTensors, before);
    const [name = "", ...others] = await readdir(folder.file("tensorboard"));
    assert.equal(others.length, 0);
    const events = await readFile(folder.file(`tensorboard/${name}`), "latin1");
    assert.equal(events.split("a curve").length - 1, 20);
    assert.match(events, /brain\.Event:2/);
  },
});
