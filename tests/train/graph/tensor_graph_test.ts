import assert from "node:assert/strict";
import { TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { openGraph } from "../../helpers/run_graph.ts";

Deno.test("TensorGraph knows the type and shape of what its nodes compute", () => {
  const graph = new TensorGraph();
  const x = graph.input("x", [2, 4, 6, 3]);
  for (
    const [tensor, type, shape] of [
      [graph.unary("Relu", x), "float", [2, 4, 6, 3]],
      [graph.cast(x, "bfloat16"), "bfloat16", [2, 4, 6, 3]],
      [graph.mul(x, 2), "float", [2, 4, 6, 3]],
      [graph.add(graph.constant(1, [3]), x), "float", [2, 4, 6, 3]],
      [graph.reshape(x, [8, 18]), "float", [8, 18]],
      [graph.mean(x), "float", []],
      [graph.mean(x, [1, 2]), "float", [2, 1, 1, 3]],
      [graph.concat([x, x, x], 3), "float", [2, 4, 6, 9]],
      [graph.slice(x, [0, 1, 0, 0], [2, 2, 6, 3]), "float", [2, 2, 6, 3]],
      [graph.halve(x), "float", [2, 2, 3, 3]],
    ] as const
  ) {
    assert.deepEqual([tensor.type, [...tensor.shape]], [type, [...shape]], tensor.name);
  }
  assert.deepEqual(Object.keys(graph.inputs), ["x"]);
});

Deno.test("TensorGraph: equal constants share a node, and what needs no node adds none", () => {
  const graph = new TensorGraph();
  const x = graph.input("x", [2]);
  assert.equal(graph.constant(3).name, graph.constant(3).name);
  assert.notEqual(graph.constant(3).name, graph.constant(4).name);
  assert.notEqual(graph.constant(3).name, graph.constant(3, [1]).name);
  assert.notEqual(graph.constant(Int32Array.of(3)).name, graph.constant(Float32Array.of(3)).name);
  assert.deepEqual([graph.cast(x, "float").name, graph.sum([x]).name, graph.concat([x], 0).name], [
    x.name,
    x.name,
    x.name,
  ]);
  assert.throws(() => graph.sum([]), RangeError);
  assert.throws(() => graph.concat([], 0), RangeError);
});

nativeTest("TensorGraph computes what its methods say", async (tf) => {
  const graph = new TensorGraph();
  const x = graph.input("x", [1, 2, 2, 1]);
  graph.output("halved", graph.halve(x));
  graph.output("mean", graph.mean(graph.div(x, 2)));
  graph.output("rows", graph.mean(x, [2]));
  graph.output("joined", graph.concat([x, graph.sub(x, 1)], 3));
  graph.output("part", graph.slice(x, [0, 1, 0, 0], [1, 1, 2, 1]));
  graph.output("sum", graph.sum([x, x, graph.constant(Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1])]));
  using opened = await openGraph(tf, graph);
  const outputs = await opened.run({ x: Float32Array.of(1, 3, 5, 7) });
  assert.deepEqual(Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, [...values]])), {
    halved: [4],
    mean: [2],
    rows: [2, 6],
    joined: [1, 0, 3, 2, 5, 4, 7, 6],
    part: [5, 7],
    sum: [3, 8, 13, 18],
  });
});
