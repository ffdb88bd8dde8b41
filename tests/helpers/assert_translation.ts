import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import ort from "onnxruntime-node";
import type { GraphModel } from "../../src/model/external/graph_model/graph_model.ts";
import { translateGraph } from "../../src/model/external/graph_model/translate_graph.ts";
import { GraphBuilder } from "./graph_builder.ts";
import { seededRandom } from "./random_weights.ts";

/** Of the pictures that the graphs are given. */
export const SHAPE: [number, number, number, number] = [1, 8, 12, 3];

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

/** As ONNX Runtime runs its translation: the shape of the result, and its values. */
export async function runOnnx(
  model: GraphModel,
  size?: { width: number; height: number },
): Promise<number[]> {
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

/** Graphs that are made by a builder and end at the node that is returned, by what they show. */
export type GraphCases = Readonly<Record<string, (g: GraphBuilder) => string>>;

/** A test for each graph: its translation gives what TensorFlow.js gives. */
export function testTranslations(cases: GraphCases): void {
  for (const [name, build] of Object.entries(cases)) {
    Deno.test(`translateGraph: ${name} give what TensorFlow.js gives, for any size and for one`, async () => {
      const g = new GraphBuilder();
      await assertSame(name, g.model(build(g)));
    });
  }
}
