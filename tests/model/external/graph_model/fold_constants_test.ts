import assert from "node:assert/strict";
import { translateGraph } from "../../../../src/model/external/graph_model/translate_graph.ts";
import { runOnnx, SHAPE } from "../../../helpers/assert_translation.ts";
import { computedShapes } from "../../../helpers/computed_shapes.ts";
import { GraphBuilder } from "../../../helpers/graph_builder.ts";

Deno.test("foldConstants: of a graph for one size, what depends on the size alone is no part of the graph", async () => {
  const g = new GraphBuilder();
  const model = g.model(computedShapes(g));
  const [free, fixed] = [
    translateGraph(model),
    translateGraph(model, { size: { height: SHAPE[1], width: SHAPE[2] } }),
  ];
  const operations = (bytes: Uint8Array) =>
    new Set(new TextDecoder("latin1").decode(bytes).match(/\b(?:Shape|Range|Reshape)\.\d+/g)).size;
  assert.ok(operations(free) >= 3);
  assert.equal(operations(fixed), 1, "the one on the picture");
  await runOnnx(model, { height: SHAPE[1], width: SHAPE[2] });
});
