import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a TensorFlow.js graph model that blurs a little: a 3x3 mean of each channel. Returns its folder. */
export async function writeGraphModel(folder: string, format = "graph-model"): Promise<string> {
  await mkdir(folder, { recursive: true });
  const kernel = new Float32Array(3 * 3 * 3).fill(1 / 9);
  const bytes = new Uint8Array(kernel.buffer);
  await writeFile(join(folder, "part1.bin"), bytes.subarray(0, 40));
  await writeFile(join(folder, "part2.bin"), bytes.subarray(40));
  const dims = [-1, -1, -1, 3].map((size) => ({ size: `${size}` }));
  const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
  const node = [
    {
      name: "x",
      op: "Placeholder",
      input: [],
      attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: dims } } },
    },
    { name: "kernel", op: "Const", input: [], attr: { dtype: { type: "DT_FLOAT" } } },
    {
      name: "y",
      op: "DepthwiseConv2dNative",
      input: ["x", "kernel"],
      attr: { strides: ints(1, 1, 1, 1), dilations: ints(1, 1, 1, 1), padding: { s: btoa("SAME") } },
    },
  ];
  const weights = [{ name: "kernel", shape: [3, 3, 3, 1], dtype: "float32" }];
  const model = {
    format,
    modelTopology: { node },
    signature: { outputs: { y: { name: "y:0" } } },
    weightsManifest: [{ paths: ["part1.bin", "part2.bin"], weights }],
  };
  await writeFile(join(folder, "model.json"), JSON.stringify(model));
  return folder;
}
