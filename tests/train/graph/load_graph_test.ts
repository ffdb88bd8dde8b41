import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { loadGraph } from "../../../src/train/graph/load_graph.ts";
import { encodeSavedModel } from "../../../src/train/graph/saved_model.ts";
import { TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

nativeTest("loadGraph reports the error of TensorFlow", async () => {
  const node = { name: "n", op: "NoSuchOperation", input: [], attr: {} };
  await assert.rejects(loadGraph(encodeSavedModel([node], {}, {})), /NoSuchOperation/);
});

nativeTest("loadGraph leaves no file behind, and the graph computes", async (tf) => {
  await using folder = await temporaryFolder();
  const graph = new TensorGraph();
  graph.output("y", graph.mul(graph.input("x", [2]), 3));
  const usual = tmpdir();
  Deno.env.set("TMPDIR", folder.path);
  const model = await loadGraph(graph.encode()).finally(() => Deno.env.set("TMPDIR", usual));
  try {
    assert.deepEqual(await readdir(folder.path), []);
    const x = tf.tensor1d([1, 2]);
    const made = model.predict({ x });
    const y = "y" in made ? made.y : assert.fail("y is an output");
    assert.deepEqual([...await y.data()], [3, 6]);
    tf.dispose([x, y]);
  } finally {
    model.dispose();
  }
});
