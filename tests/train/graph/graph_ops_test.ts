import assert from "node:assert/strict";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { graphOps, type Precision } from "../../../src/train/graph/graph_ops.ts";
import { Tape } from "../../../src/train/graph/tape.ts";
import { type GraphTensor, TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { OP_CASES, type OpCase, sizeOf, valuesOffZero } from "../../helpers/op_cases.ts";
import { openGraph, type Rows } from "../../helpers/run_graph.ts";

/**
 * A graph of f(x) = Σ r · op(x), with r random: outputs `value`, and `by NAME`, its gradient by each input that has one.
 *
 * @param sign What is made of the random values.
 */
function differentiated(
  { name, inputs, weights = {}, apply }: OpCase,
  precision: Precision,
  sign: (value: number) => number = (value) => value,
) {
  const graph = new TensorGraph();
  const tape = new Tape(graph);
  const declare = (key: string, shape: readonly number[]): GraphTensor => {
    const tensor = graph.input(key, shape);
    tape.watch(tensor);
    return tensor;
  };
  const x = inputs.map((shape, i) => declare(`input ${i}`, shape));
  const byName = new Map(Object.entries(weights).map(([key, shape]) => [key, declare(key, shape)]));
  const y = apply(graphOps(graph, { weights: byName, precision, tape }), x);
  const r = graph.constant(valuesOffZero(sizeOf(y.shape), name, "r").map(sign), y.shape);
  graph.output("value", graph.mul(graph.mean(graph.mul(graph.cast(y, "float"), r)), sizeOf(y.shape)));
  const gradients = tape.gradients([[y, graph.cast(r, y.type)]]);
  for (const [key, tensor] of Object.entries(graph.inputs)) {
    const gradient = gradients.get(tensor.name);
    if (gradient === undefined) continue;
    assert.deepEqual([gradient.type, gradient.shape], ["float", tensor.shape], `gradient by ${key}`);
    graph.output(`by ${key}`, gradient);
  }
  const point = Object.fromEntries(
    Object.entries(graph.inputs).map((
      [key, { shape }],
    ) => [key, valuesOffZero(sizeOf(shape), name, key).map(sign)]),
  );
  return { graph, point, y };
}

/** The gradients at the point of a case, by input. */
async function gradientsOf(
  tf: TensorFlow,
  item: OpCase,
  precision: Precision,
  sign?: (value: number) => number,
): Promise<Rows> {
  const { graph, point } = differentiated(item, precision, sign);
  using opened = await openGraph(tf, graph);
  const { value: _, ...gradients } = await opened.run(point);
  return gradients;
}

for (const item of OP_CASES) {
  nativeTest(`graphOps: the gradient of ${item.name} is the limit of differences`, async (tf) => {
    const { graph, point } = differentiated(item, "float32");
    using opened = await openGraph(tf, graph);
    const found = await opened.run(point);
    for (const [key, values] of Object.entries(point)) {
      const gradient = found[`by ${key}`] ?? assert.fail(`no gradient by ${key}`);
      for (let i = 0; i < values.length; i++) {
        const at = async (by: number) =>
          (await opened.run({ ...point, [key]: values.with(i, (values[i] ?? NaN) + by) })).value?.[0] ?? NaN;
        const expected = (await at(0.05) - await at(-0.05)) / 0.1;
        const actual = gradient[i] ?? NaN;
        assert.ok(Math.abs(actual - expected) < 1e-3, `${key}[${i}]: ${actual}, not ${expected}`);
      }
    }
  });

  // A sum of products of which both factors are rounded by 2⁻⁸ of themselves at most, and the sum once more.
  nativeTest(
    `graphOps: in bfloat16 the gradient of ${item.name} is off by no more than three roundings of its terms`,
    async (tf) => {
      const exact = await gradientsOf(tf, item, "float32");
      const rounded = await gradientsOf(tf, item, "bfloat16");
      const terms = await gradientsOf(tf, item, "float32", Math.abs);
      assert.deepEqual(Object.keys(rounded), Object.keys(exact));
      for (const [key, values] of Object.entries(exact)) {
        const errors = values.map((value, i) => Math.abs(value - (rounded[key]?.[i] ?? NaN)));
        for (const [i, error] of errors.entries()) {
          const most = 3.1 * 2 ** -8 * Math.abs(terms[key]?.[i] ?? NaN);
          assert.ok(error <= most, `${key}[${i}]: off by ${error}, more than ${most}`);
        }
        assert.equal(errors.some((error) => error > 0), item.weights !== undefined, `${key} is rounded`);
      }
    },
  );
}

nativeTest(
  "graphOps: in bfloat16 the gradient of a bias is a sum over all pixels that loses none",
  async (tf) => {
    const graph = new TensorGraph();
    const tape = new Tape(graph);
    const weights = new Map([
      ["a.weight", graph.input("weight", [3, 3, 1, 2])],
      ["a.bias", graph.input("bias", [2])],
    ]);
    for (const tensor of weights.values()) tape.watch(tensor);
    const ops = graphOps(graph, { weights, precision: "bfloat16", tape });
    const x = graph.input("x", [2, 40, 30, 1]);
    const y = ops.conv(x, "a", { inChannels: 1, outChannels: 2, kernel: 3, stride: 1 });
    const one = graph.cast(graph.constant(new Float32Array(sizeOf(y.shape)).fill(1), y.shape), y.type);
    const { name } = weights.get("a.bias") ?? assert.fail("there is a bias");
    graph.output("gradient", tape.gradients([[y, one]]).get(name) ?? assert.fail("it has a gradient"));
    using opened = await openGraph(tf, graph);
    const point = { x: new Float32Array(2400), weight: new Float32Array(18), bias: new Float32Array(2) };
    // Added up in bfloat16, 256 and 1 are 256 again.
    assert.deepEqual([...(await opened.run(point)).gradient ?? []], [2400, 2400]);
  },
);

nativeTest(
  "graphOps: add of two precisions is float, and rounds only the gradient of the bfloat16 one",
  async (tf) => {
    const mixed: OpCase = {
      name: "mixed add",
      inputs: [[1, 8, 4, 3], [1, 8, 4, 3]],
      weights: { "a.weight": [3, 3, 3, 3], "a.bias": [3] },
      apply(ops, [x, other]) {
        if (x === undefined || other === undefined) assert.fail("there are two inputs");
        return ops.add(ops.conv(x, "a", { inChannels: 3, outChannels: 3, kernel: 3, stride: 1 }), other);
      },
    };
    assert.equal(differentiated(mixed, "bfloat16").y.type, "float");
    const [exact, rounded] = [
      await gradientsOf(tf, mixed, "float32"),
      await gradientsOf(tf, mixed, "bfloat16"),
    ];
    assert.deepEqual(rounded["by input 1"], exact["by input 1"]);
    assert.deepEqual(exact["by input 1"], valuesOffZero(8 * 4 * 3, "mixed add", "r"));
    assert.notDeepEqual(rounded["by input 0"], exact["by input 0"]);
  },
);

nativeTest("graphOps: concat of two precisions is float, and keeps the exact part exact", async (tf) => {
  const graph = new TensorGraph();
  const ops = graphOps(graph, { weights: new Map(), precision: "bfloat16", tape: new Tape(graph) });
  const [a, b] = [graph.input("a", [1, 1, 1, 2]), graph.input("b", [1, 1, 1, 1])];
  const joined = ops.concat([a, graph.cast(b, "bfloat16")]);
  assert.deepEqual([joined.type, joined.shape], ["float", [1, 1, 1, 3]]);
  graph.output("y", joined);
  using opened = await openGraph(tf, graph);
  const { y = [] } = await opened.run({ a: Float32Array.of(1 / 3, 0.1), b: Float32Array.of(1 / 3) });
  assert.deepEqual([...y], [Math.fround(1 / 3), Math.fround(0.1), 0.333984375]);
});

nativeTest("graphOps: enlarge carries no gradient", async (tf) => {
  const enlarged = (isAdded: boolean): OpCase => ({
    name: "enlarge",
    inputs: [[1, 2, 3, 2]],
    apply(ops, [x]) {
      if (x === undefined) assert.fail("there is an input");
      return isAdded ? ops.concat([ops.halve(ops.enlarge(x, 2)), x]) : ops.enlarge(x, 2);
    },
  });
  assert.deepEqual(await gradientsOf(tf, enlarged(false), "float32"), {});
  // Beside it the gradient flows: the last two of four channels.
  const r = valuesOffZero(2 * 3 * 4, "enlarge", "r");
  const { "by input 0": gradient = [] } = await gradientsOf(tf, enlarged(true), "float32");
  assert.deepEqual([...gradient], [...r.filter((_, i) => i % 4 >= 2)]);
});

Deno.test("graphOps names a layer without weights", () => {
  const graph = new TensorGraph();
  const ops = graphOps(graph, { weights: new Map(), precision: "float32", tape: new Tape(graph) });
  const spec = { inChannels: 3, outChannels: 3, kernel: 3, stride: 1 };
  assert.throws(
    () => ops.conv(graph.input("x", [1, 4, 4, 3]), "up.0.conv", spec),
    /no weights named "up\.0\.conv\.weight"/,
  );
});
