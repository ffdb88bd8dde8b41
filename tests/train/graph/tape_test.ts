import assert from "node:assert/strict";
import { Tape } from "../../../src/train/graph/tape.ts";
import { type GraphTensor, TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { openGraph } from "../../helpers/run_graph.ts";

/** a · b, recorded. */
function multiply(graph: TensorGraph, tape: Tape, a: GraphTensor, b: GraphTensor): GraphTensor {
  return tape.record(graph.mul(a, b), [a, b], (gradient, isNeeded) => [
    isNeeded(a) ? graph.mul(gradient, b) : undefined,
    isNeeded(b) ? graph.mul(gradient, a) : undefined,
  ]);
}

Deno.test("Tape: gradients of watched tensors only, and of those that the loss depends on", () => {
  const graph = new TensorGraph();
  const tape = new Tape(graph);
  const [a, b, c] = ["a", "b", "c"].map((name) => graph.input(name, [2])) as [
    GraphTensor,
    GraphTensor,
    GraphTensor,
  ];
  tape.watch(a);
  tape.watch(c);
  const y = multiply(graph, tape, a, b);
  const unwatched = multiply(graph, tape, b, b);
  const one = graph.constant(1, [2]);
  assert.deepEqual([...tape.gradients([[y, one]]).keys()], [a.name]);
  assert.deepEqual(
    [...tape.gradients([[unwatched, one]]).keys()],
    [unwatched.name],
    "nothing was recorded for it",
  );
});

nativeTest("Tape: the gradients of a tensor that is used twice are summed", async (tf) => {
  const graph = new TensorGraph();
  const tape = new Tape(graph);
  const [x, w] = [graph.input("x", [2]), graph.input("w", [2])];
  tape.watch(w);
  // y = (x · w) · w, so that dy/dw = 2 · x · w.
  const y = multiply(graph, tape, multiply(graph, tape, x, w), w);
  const gradient = tape.gradients([[y, graph.constant(Float32Array.of(1, 1), [2])]]).get(w.name);
  graph.output("gradient", gradient ?? assert.fail("w is watched"));
  using opened = await openGraph(tf, graph);
  const { gradient: found = [] } = await opened.run({ x: Float32Array.of(3, -1), w: Float32Array.of(2, 5) });
  assert.deepEqual([...found], [12, -10]);
});
