import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import ort from "onnxruntime-node";
import type {
  Constant,
  GraphModel,
  GraphNode,
} from "../../../../src/model/external/graph_model/graph_model.ts";
import { translateGraph } from "../../../../src/model/external/graph_model/translate_graph.ts";
import { seededRandom } from "../../../helpers/random_weights.ts";

const SHAPE: [number, number, number, number] = [1, 8, 12, 3];

const text = (value: string) => ({ s: btoa(value) });
const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
const FLOAT = { type: "DT_FLOAT" };
const INT = { type: "DT_INT32" };

/** A graph with the input "x" and the output "y". */
class Builder {
  readonly nodes: GraphNode[] = [
    {
      name: "x",
      op: "Placeholder",
      inputs: [],
      attributes: {
        dtype: FLOAT,
        shape: { shape: { dim: [-1, -1, -1, 3].map((size) => ({ size: `${size}` })) } },
      },
    },
  ];
  readonly weights = new Map<string, Constant>();

  node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, unknown> = {},
    name = `n${this.nodes.length}`,
  ) {
    this.nodes.push({ name, op, inputs, attributes: { T: FLOAT, ...attributes } });
    return name;
  }

  constant(shape: readonly number[], values: readonly number[], type: Constant["type"] = "int32"): string {
    const name = `c${this.nodes.length}`;
    const data = type === "float" ? Float32Array.from(values) : Int32Array.from(values);
    this.weights.set(name, { type, shape, data });
    this.nodes.push({ name, op: "Const", inputs: [], attributes: { dtype: type === "float" ? FLOAT : INT } });
    return name;
  }

  list(...values: number[]): string {
    return this.constant([values.length], values);
  }

  number(value: number): string {
    return this.constant([], [value]);
  }

  floats(...shape: number[]): string {
    const random = seededRandom(this.nodes.length);
    const count = shape.reduce((product, side) => product * side, 1);
    return this.constant(shape, Array.from({ length: count }, () => random() - 0.5), "float");
  }

  model(y: string): GraphModel {
    return { nodes: this.nodes, weights: this.weights, outputs: [`${y}:0`] };
  }
}

/** Pictures in -0.8 to 0.8. */
function input(): Float32Array {
  const random = seededRandom(9);
  return Float32Array.from(
    { length: SHAPE.reduce((all, side) => all * side, 1) },
    () => 1.6 * random() - 0.8,
  );
}

/** As TensorFlow.js itself runs it. */
async function runTfjs({ nodes, weights, outputs }: GraphModel): Promise<number[]> {
  const specs = [...weights].map(([name, { shape, type }]) => ({
    name,
    shape: [...shape],
    dtype: type === "float" ? "float32" as const : "int32" as const,
  }));
  const bytes = [...weights.values()].flatMap(({ data }) => [...new Uint8Array(data.buffer)]);
  const [output = ""] = outputs;
  const node = nodes.map(({ name, op, inputs, attributes }) => ({
    name,
    op,
    input: inputs,
    attr: attributes,
  }));
  const tensor = (name: string) => ({ name, dtype: "DT_FLOAT", tensorShape: { dim: [] } });
  const model = await tf.loadGraphModel({
    load: () =>
      Promise.resolve({
        modelTopology: { node, library: {}, versions: {} },
        weightSpecs: specs,
        weightData: Uint8Array.from(bytes).buffer,
        format: "graph-model",
        signature: { inputs: { x: tensor("x:0") }, outputs: { y: tensor(output) } },
      }),
  });
  const result = model.execute(tf.tensor4d(input(), [...SHAPE])) as tf.Tensor;
  const values = Array.from(await result.data());
  model.dispose();
  return [...result.shape, ...values];
}

async function runOnnx(model: GraphModel, size?: { width: number; height: number }): Promise<number[]> {
  const bytes = translateGraph(model, size ? { size } : {});
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const [result] = Object.values(await session.run({ x: new ort.Tensor("float32", input(), [...SHAPE]) }));
  await session.release();
  return [...result?.dims ?? [], ...Array.from(result?.data ?? [], Number)];
}

async function assertSame(name: string, model: GraphModel): Promise<void> {
  const expected = await runTfjs(model);
  for (const size of [undefined, { height: SHAPE[1], width: SHAPE[2] }]) {
    const actual = await runOnnx(model, size);
    assert.equal(actual.length, expected.length, name);
    const worst = actual.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))),
      0,
    );
    assert.ok(worst < 2e-5, `${name}: ${worst}`);
  }
}

/** Graphs of one operation each, or a few that belong together. */
const CASES: Readonly<Record<string, (g: Builder) => string>> = {
  elementwise: (g) => {
    const square = g.node("Square", ["x"]);
    const root = g.node("Rsqrt", [g.node("AddV2", [square, g.constant([], [1], "float")])]);
    const bounded = g.node("Minimum", [g.node("Maximum", [root, g.node("Abs", ["x"])]), g.floats(3)]);
    const whole = g.node("Floor", [g.node("Mul", ["x", g.constant([], [7], "float")])]);
    return g.node("Sub", [g.node("RealDiv", [bounded, root]), g.node("Neg", [g.node("Sign", [whole])])]);
  },
  activations: (g) => {
    const leaky = g.node("LeakyRelu", ["x"], { alpha: { f: 0.3 } });
    const parts = ["Relu", "Relu6", "Sigmoid", "Tanh", "Exp", "Elu"].map((op) => g.node(op, [leaky]));
    return g.node("AddN", [...parts, g.node("Prelu", ["x", g.floats(1, 1, 3)])], { N: { i: "7" } });
  },
  "comparisons and choices": (g) => {
    const zero = g.constant([], [0], "float");
    const both = g.node("LogicalAnd", [
      g.node("Greater", ["x", zero]),
      g.node("LogicalNot", [g.node("LessEqual", [g.node("Abs", ["x"]), g.constant([], [0.2], "float")])]),
    ]);
    return g.node("SelectV2", [both, "x", g.node("SquaredDifference", ["x", g.floats(3)])]);
  },
  "whole numbers": (g) => {
    const size = g.node("Cast", [g.node("Shape", ["x"])], { SrcT: INT, DstT: INT });
    const mod = g.node("FloorMod", [size, g.list(5, 5, 5, 5)], { T: INT });
    const div = g.node("FloorDiv", [size, g.list(3, 3, 3, 3)], { T: INT });
    const sum = g.node("AddV2", [g.node("Mul", [mod, g.number(10)], { T: INT }), div], { T: INT });
    const floats = g.node("Cast", [g.node("StridedSlice", [sum, g.list(0), g.list(3), g.list(1)])], {
      SrcT: INT,
      DstT: FLOAT,
    });
    return g.node("AddV2", ["x", floats]);
  },
  "convolution, same padding": (g) =>
    g.node("BiasAdd", [
      g.node("Conv2D", ["x", g.floats(3, 3, 3, 4)], {
        strides: ints(1, 1, 1, 1),
        padding: text("SAME"),
        dilations: ints(1, 1, 1, 1),
      }),
      g.floats(4),
    ]),
  "convolution, stride 2": (g) =>
    g.node("Conv2D", ["x", g.floats(3, 3, 3, 4)], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    }),
  "convolution, no padding": (g) =>
    g.node("Conv2D", ["x", g.floats(5, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("VALID"),
      dilations: ints(1, 1, 1, 1),
    }),
  "dilated convolution": (g) =>
    g.node("Conv2D", ["x", g.floats(3, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 2, 2, 1),
    }),
  "depthwise convolution": (g) =>
    g.node("DepthwiseConv2dNative", ["x", g.floats(3, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    }),
  "fused convolution": (g) =>
    g.node("_FusedConv2D", ["x", g.floats(3, 3, 3, 4), g.floats(4)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
      fused_ops: { list: { s: [btoa("BiasAdd"), btoa("LeakyRelu")] } },
      leakyrelu_alpha: { f: 0.1 },
      num_args: { i: "1" },
    }),
  "transposed convolution": (g) => {
    const shape = g.list(1, 16, 24, 5);
    return g.node("Conv2DBackpropInput", [shape, g.floats(4, 4, 5, 3), "x"], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    });
  },
  "transposed convolution with a small kernel": (g) => {
    const shape = g.list(1, 16, 24, 5);
    return g.node("Conv2DBackpropInput", [shape, g.floats(2, 2, 5, 3), "x"], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    });
  },
  pooling: (g) => {
    const attributes = { ksize: ints(1, 3, 3, 1), strides: ints(1, 2, 2, 1), padding: text("SAME") };
    return g.node("Sub", [g.node("MaxPool", ["x"], attributes), g.node("AvgPool", ["x"], attributes)]);
  },
  "products of matrices": (g) => {
    const dense = g.node("Einsum", ["x", g.floats(3, 4)], { equation: text("abcg,gf->abcf"), N: { i: "2" } });
    const mixed = g.node("Einsum", [g.floats(8, 8), dense], {
      equation: text("gb,cgef->cbef"),
      N: { i: "2" },
    });
    return g.node("Softmax", [mixed]);
  },
  "blocks and channels": (g) => {
    const channels = g.node("ConcatV2", ["x", g.node("Square", ["x"]), "x", "x", g.number(3)], {
      N: { i: "4" },
    });
    return g.node("DepthToSpace", [channels], { block_size: { i: "2" }, data_format: text("NHWC") });
  },
  resizing: (g) => {
    const bilinear = g.node("ResizeBilinear", ["x", g.list(16, 24)], {
      align_corners: { b: false },
      half_pixel_centers: { b: true },
    });
    const nearest = g.node("ResizeNearestNeighbor", ["x", g.list(16, 24)], {
      align_corners: { b: false },
      half_pixel_centers: { b: false },
    });
    return g.node("AddV2", [bilinear, nearest]);
  },
  padding: (g) => {
    const amounts = g.constant([4, 2], [0, 0, 1, 2, 3, 1, 0, 0]);
    return g.node("AddV2", [
      g.node("MirrorPad", ["x", amounts], { mode: text("REFLECT") }),
      g.node("PadV2", ["x", amounts, g.constant([], [0.5], "float")]),
    ]);
  },
  slices: (g) => {
    const part = g.node(
      "StridedSlice",
      ["x", g.list(0, -1, 2, 0), g.list(0, 0, -1, 0), g.list(1, -2, 3, 1)],
      { begin_mask: { i: "9" }, end_mask: { i: "11" } },
    );
    const row = g.node("StridedSlice", ["x", g.list(0, 3), g.list(1, 4), g.list(1, 1)], {
      shrink_axis_mask: { i: "3" },
    });
    const cut = g.node("Slice", ["x", g.list(0, 0, 0, 1), g.list(1, 4, 4, 1)]);
    return g.node("AddV2", [
      g.node("Mul", [part, g.node("ExpandDims", [g.node("Sum", [row, g.list(0)]), g.number(0)])]),
      g.node("Sum", [cut, g.list(1, 2)], { keep_dims: { b: true } }),
    ]);
  },
  "sides that are added": (g) => {
    const wide = g.node("StridedSlice", ["x", g.list(0, 0, 0), g.list(0, 0, 0), g.list(1, 1, 1)], {
      begin_mask: { i: "5" },
      end_mask: { i: "5" },
      new_axis_mask: { i: "2" },
    });
    return g.node("Squeeze", [wide], { squeeze_dims: ints(1) });
  },
  "joining and parting": (g) => {
    const joined = g.node("ConcatV2", ["x", "x", g.number(3)], { N: { i: "2" } });
    const split = g.node("Split", [g.number(3), joined], { num_split: { i: "3" } });
    const packed = g.node("Pack", [split, `${split}:2`], { axis: { i: "1" }, N: { i: "2" } });
    const unpacked = g.node("Unpack", [packed], { axis: { i: "1" }, num: { i: "2" } });
    return g.node("Sub", [`${unpacked}:1`, unpacked]);
  },
  "turning and gathering": (g) => {
    const turned = g.node("Transpose", ["x", g.list(0, 2, 1, 3)]);
    return g.node("GatherV2", [turned, g.list(2, 0, 5), g.number(1)], { batch_dims: { i: "0" } });
  },
  "shapes that are computed": (g) => {
    const shape = g.node("Shape", ["x"]);
    const side = (i: number) =>
      g.node("StridedSlice", [shape, g.list(i), g.list(i + 1), g.list(1)], { shrink_axis_mask: { i: "1" } });
    const half = g.node("FloorDiv", [side(1), g.number(2)], { T: INT });
    const packed = g.node("Pack", [g.number(1), half, g.number(2), side(2), g.number(3)], {
      T: INT,
      axis: { i: "0" },
      N: { i: "5" },
    });
    const blocks = g.node("Reshape", ["x", packed]);
    const range = g.node("Cast", [g.node("Range", [g.number(0), side(2), g.number(1)])], {
      SrcT: INT,
      DstT: FLOAT,
    });
    const spread = g.node("BroadcastTo", [
      g.node("ExpandDims", [range, g.number(1)]),
      g.node("Pack", [side(2), g.number(3)], { T: INT, axis: { i: "0" }, N: { i: "2" } }),
    ]);
    return g.node("AddV2", [
      g.node("Mean", [blocks, g.list(2)]),
      g.node("Tile", [g.node("Max", [spread, g.list(0)], { keep_dims: { b: true } }), g.list(1, 1)]),
    ]);
  },
};

for (const [name, build] of Object.entries(CASES)) {
  Deno.test(`translateGraph: ${name} give what TensorFlow.js gives, for any size and for one`, async () => {
    const g = new Builder();
    await assertSame(name, g.model(build(g)));
  });
}

Deno.test("translateGraph: for one size, what depends on the size alone is no part of the graph", async () => {
  const g = new Builder();
  const model = g.model(CASES["shapes that are computed"]?.(g) ?? "x");
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

Deno.test("translateGraph: what cannot be translated is named", () => {
  const unknown = new Builder();
  assert.throws(
    () => translateGraph(unknown.model(unknown.node("TopKV2", ["x"]))),
    /operations .*: TopKV2\. Export/,
  );
  const mirrored = new Builder();
  const amounts = mirrored.constant([4, 2], [0, 0, 1, 1, 1, 1, 0, 0]);
  const y = mirrored.node("MirrorPad", ["x", amounts], { mode: text("SYMMETRIC") });
  assert.throws(
    () => translateGraph(mirrored.model(y)),
    new RegExp(`MirrorPad \\("${y}"\\) repeats the edge`),
  );
  const lost = new Builder();
  assert.throws(() => translateGraph(lost.model(lost.node("Add", ["x", "nowhere"]))), /uses "nowhere"/);
  const loop = new Builder();
  loop.node("Add", ["x", "b"], {}, "a");
  assert.throws(() => translateGraph(loop.model(loop.node("Add", ["a", "x"], {}, "b"))), /loop/);
});
