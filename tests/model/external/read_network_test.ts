import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OptionError, WeightsError } from "../../../src/errors.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { readNetwork } from "../../../src/model/external/read_network.ts";
import { writeGraphModel } from "../../helpers/graph_model_folder.ts";
import { smallGraph } from "../../helpers/small_graph.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

function isWeightsError(path: string, why: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof WeightsError, String(error));
    assert.equal(error.path, path);
    assert.match(error.message, why);
    return true;
  };
}

Deno.test("readNetwork: weights of this project are read as they are; a graph is named and hashed", async () => {
  await using folder = await temporaryFolder();
  const weights = await readNetwork(await writeSmokeWeights(folder.file("smoke.safetensors")));
  assert.ok("config" in weights && weights.preset === "smoke");
  const model = smallGraph();
  await writeFile(folder.file("NET.ONNX"), model);
  assert.deepEqual(await readNetwork(folder.file("NET.ONNX"), { channels: "bgr" }), {
    path: folder.file("NET.ONNX"),
    format: "onnx",
    file: folder.file("NET.ONNX"),
    channels: "bgr",
    tile: 256,
    sha256: createHash("sha256").update(model).digest("hex"),
  });
  const graph = await writeGraphModel(folder.file("graph"));
  for (const path of [graph, join(graph, "model.json")]) {
    const network = await readNetwork(path);
    assert.ok("format" in network && network.format === "tensorflowjs");
    assert.equal(network.file, join(graph, "model.json"));
  }
});

Deno.test("readNetwork: what is missing, or of another format, is refused by its name", async () => {
  await using folder = await temporaryFolder();
  const refused = async (name: string, why: RegExp) =>
    await assert.rejects(readNetwork(folder.file(name)), isWeightsError(folder.file(name), why));
  await refused("no.onnx", /no such file/);
  await refused("no.safetensors", /no such weights file/);
  await refused("nafnet.pth", /\.pth file .* Export the network as ONNX/);
  await refused(".", /no model\.json/);
  const smoke = await writeSmokeWeights(folder.file("smoke.safetensors"));
  await assert.rejects(readNetwork(smoke, { channels: "bgr" }), OptionError);
  // @ts-expect-error: what JavaScript may hand on
  await assert.rejects(readNetwork(smoke, { channels: "rbg" }), /choose one of rgb, bgr/);
  await assert.rejects(readNetwork("a.onnx", { tile: 0.5 }), OptionError);
});

Deno.test("openEngine: a TensorFlow.js graph model restores pictures", async () => {
  await using folder = await temporaryFolder();
  const path = await writeGraphModel(folder.file("graph"));
  await using engine = await openEngine({ weights: path, device: "cpu" });
  assert.match(
    engine.notes?.[0] ?? "",
    /graph takes float32 NHWC RGB pictures of any size, values 0 to 1; .*"y"$/,
  );
  const { data, width, height } = renderScene({ width: 50, height: 31 });
  const expected = data.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let i = 3; i < 3 * width - 3; i++) {
      let sum = 0;
      for (const row of [-1, 0, 1]) {
        for (const column of [-3, 0, 3]) sum += data[3 * width * (y + row) + i + column] ?? NaN;
      }
      expected[3 * width * y + i] = Math.round(sum / 9);
    }
  }
  const { image } = await engine.run({ data, width, height });
  for (let y = 1; y < height - 1; y++) {
    const row = (pixels: ArrayLike<number>) =>
      Array.from(pixels).slice(3 * width * y + 3, 3 * width * (y + 1) - 3);
    const [actual, wanted] = [row(image.data), row(expected)];
    assert.ok(actual.every((value, i) => Math.abs(value - (wanted[i] ?? NaN)) <= 1), `row ${y}`);
  }
});

Deno.test("openEngine: a damaged graph model says which file is wrong, and how", async () => {
  await using folder = await temporaryFolder();
  const refused = async (path: string, why: RegExp) =>
    await assert.rejects(openEngine({ weights: path, device: "cpu" }), isWeightsError(path, why));
  const layers = await writeGraphModel(folder.file("layers"), "layers-model");
  await refused(layers, /format "layers-model"\. Convert it/);
  const truncated = await writeGraphModel(folder.file("truncated"));
  await writeFile(join(truncated, "part2.bin"), new Uint8Array(8));
  await refused(truncated, /files end before the weights "kernel"/);
  const incomplete = await writeGraphModel(folder.file("incomplete"));
  await rm(join(incomplete, "part2.bin"));
  await refused(incomplete, /weights cannot be read: .*part2\.bin/);
  const broken = await writeGraphModel(folder.file("broken"));
  await writeFile(join(broken, "model.json"), '{"modelTopology": {"node": 5}}');
  await refused(broken, /no graph model: modelTopology\.node is wrong/);
});
