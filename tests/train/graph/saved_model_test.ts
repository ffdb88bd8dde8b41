import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { trainConfig } from "../../../src/train/config.ts";
import { encodeSavedModel } from "../../../src/train/graph/saved_model.ts";
import { stepGraph } from "../../../src/train/graph/step_graph.ts";
import { TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { openGraph } from "../../helpers/run_graph.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

/** What TensorFlow's own reader of SavedModels finds in one. */
async function readBack(bytes: Uint8Array) {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("saved_model.pb"), bytes);
  const { node } = await import("@tensorflow/tfjs-node-gpu");
  const [graph, ...others] = await node.getMetaGraphsFromSavedModel(folder.path);
  assert.deepEqual([graph?.tags, others], [["serve"], []]);
  const signature = graph?.signatureDefs.serving_default ?? assert.fail("there is a signature");
  /** `TYPE[SIDES]` by name. */
  const read = (entries: typeof signature.inputs) =>
    Object.fromEntries(
      Object.entries(entries).map(([name, { dtype, shape }]) => {
        const sides = Object.values(shape ?? {}).map((side) => protobufSize(side));
        return [name, `${dtype}[${sides}]`];
      }),
    );
  return { inputs: read(signature.inputs), outputs: read(signature.outputs) };
}

/** A side is a message of protobuf's JavaScript library, whatever its type says. */
function protobufSize(side: unknown): number {
  const dimension = side as { getSize(): number };
  return dimension.getSize();
}

nativeTest("stepGraph is a SavedModel with a signature that TensorFlow reads correctly", async () => {
  const config = { ...trainConfig("smoke-video"), batch: 3 };
  const { parameters } = describeNetwork(config.network);
  const row = `float32[${parameters}]`;
  const rows = { weights: row, average: row, m: row, v: row };
  assert.deepEqual(await readBack(stepGraph(config, "bfloat16")), {
    inputs: {
      ...rows,
      blurry: "float32[3,32,32,3]",
      sharp: "float32[3,32,32,3]",
      previous: "float32[3,32,32,3]",
      previousFlow: "float32[3,2,2,2]",
      next: "float32[3,32,32,3]",
      nextFlow: "float32[3,2,2,2]",
      stepSize: "float32[]",
      decay: "float32[]",
    },
    outputs: { ...rows, loss: "float32[]", lossOfNothing: "float32[]", change: "float32[]" },
  });
  const alone = await readBack(stepGraph({ ...config, network: trainConfig("smoke").network }, "float32"));
  assert.deepEqual(Object.keys(alone.inputs).filter((name) => /previous|next/.test(name)), []);
});

Deno.test("encodeSavedModel writes attributes that are false, zero and empty: TensorFlow treats missing ones as absent", () => {
  const attr = { no: { b: false }, zero: { i: 0 }, none: { f: 0 }, empty: { s: new Uint8Array() } };
  const bytes = encodeSavedModel([{ name: "n", op: "O", input: [], attr }], {}, {});
  const hex = bytes.toHex();
  /** An entry of the map: its key, then its value with one field. */
  const entry = (key: string, value: string) =>
    `0a${byte(key.length)}${new TextEncoder().encode(key).toHex()}12${byte(value.length / 2)}${value}`;
  // Fields 5 (b), 3 (i) and 4 (f) of AttrValue, and 2 (s) without bytes.
  for (
    const [key, value] of Object.entries({ no: "2800", zero: "1800", none: "2500000000", empty: "1200" })
  ) {
    assert.ok(hex.includes(entry(key, value)), `${key} is not in ${hex}`);
  }
});

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

nativeTest("TensorFlow accepts a graph with a false attribute, and follows it", async (tf) => {
  const graph = new TensorGraph();
  const x = graph.input("x", [1, 1, 2, 1]);
  const attr = { T: { type: 1 }, half_pixel_centers: { b: true } };
  const sizes = graph.ints(1, 4);
  graph.output(
    "y",
    graph.node("ResizeBilinear", [x, sizes], { ...attr, align_corners: { b: false } }, "float", [1, 1, 4, 1]),
  );
  using opened = await openGraph(tf, graph);
  const { y = [] } = await opened.run({ x: Float32Array.of(0, 8) });
  assert.deepEqual([...y], [0, 2, 6, 8]);
});
