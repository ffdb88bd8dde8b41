import assert from "node:assert/strict";
import { translateGraph } from "../../../../src/model/external/graph_model/translate_graph.ts";
import { GraphBuilder, text } from "../../../helpers/graph_builder.ts";

Deno.test("translateGraph: what cannot be translated is named", () => {
  const unknown = new GraphBuilder();
  assert.throws(
    () => translateGraph(unknown.model(unknown.node("TopKV2", ["x"]))),
    /operations .*: TopKV2\. Export/,
  );
  const mirrored = new GraphBuilder();
  const amounts = mirrored.constant([4, 2], [0, 0, 1, 1, 1, 1, 0, 0]);
  const y = mirrored.node("MirrorPad", ["x", amounts], { mode: text("SYMMETRIC") });
  assert.throws(
    () => translateGraph(mirrored.model(y)),
    new RegExp(`MirrorPad \\("${y}"\\) repeats the edge`),
  );
  const lost = new GraphBuilder();
  assert.throws(() => translateGraph(lost.model(lost.node("Add", ["x", "nowhere"]))), /uses "nowhere"/);
  const loop = new GraphBuilder();
  loop.node("Add", ["x", "b"], {}, "a");
  assert.throws(() => translateGraph(loop.model(loop.node("Add", ["a", "x"], {}, "b"))), /loop/);
});
