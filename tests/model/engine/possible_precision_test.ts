import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { PRESETS } from "../../../src/model/network/config.ts";
import { possiblePrecision } from "../../../src/model/engine/possible_precision.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { readNetwork } from "../../../src/model/external/read_network.ts";
import { smallGraph } from "../../helpers/small_graph.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { exampleCalibration } from "../../helpers/example_calibration.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

const plain = randomWeights(PRESETS["smoke-video"]);
const good = { ...plain, calibration: exampleCalibration({ loss: { scene: 0.01 } }) };
const unmeasured = { ...plain, calibration: exampleCalibration() };

Deno.test("possiblePrecision: both networks with the same; auto only if both lose little", () => {
  const found = (weights: typeof plain, alone: typeof plain) =>
    (["auto", "int8", "float32"] as const).map((asked) =>
      possiblePrecision(asked, { weights, alone }).precision
    );
  assert.deepEqual(found(good, good), ["auto", "int8", "float32"]);
  assert.deepEqual(found(good, unmeasured), ["float32", "int8", "float32"]);
  assert.deepEqual(found(good, plain), ["float32", "float32", "float32"]);
  assert.deepEqual(found(plain, good), ["float32", "float32", "float32"]);
});

Deno.test("openEngine: without a calibration float32 is used, which is said only where int8 was asked for", async () => {
  const notes = async (precision: "auto" | "int8" | "float32") => {
    await using engine = await openEngine({ weights: plain, device: "cpu", precision });
    assert.equal(engine.precision, "float32");
    return engine.notes;
  };
  assert.deepEqual([await notes("auto"), await notes("float32")], [[], []]);
  const [note = "", ...more] = await notes("int8") ?? [];
  assert.match(
    note,
    /has no calibration: computing with float32 instead of int8\. Make one with "deno task calibrate/,
  );
  assert.deepEqual(more, []);
});

Deno.test("openEngine: float16 is refused where it cannot be had: networks of other projects, TensorFlow.js, no GPU", async () => {
  const precision = "float16";
  assert.equal(possiblePrecision(precision, { weights: plain }).precision, precision);
  await assert.rejects(openEngine({ weights: plain, device: "webgpu", precision }), {
    name: "EngineError",
    message:
      /has no precision "float16"\. Choose one of cuda, coreml, directml, webgpu-onnx, cpu, or another/,
  });
  const found = () => Promise.resolve([{ device: "webgpu" }, { device: "cpu" }] as const);
  await assert.rejects(openEngine({ weights: plain, precision }, found), {
    name: "EngineError",
    message: /no GPU was found that computes with float16\. Leave --precision out/,
  });
  await using folder = await temporaryFolder();
  await writeFile(folder.file("own.onnx"), smallGraph());
  const weights = await readNetwork(folder.file("own.onnx"));
  await assert.rejects(openEngine({ weights, device: "cpu", precision }), {
    name: "RangeError",
    message:
      /own\.onnx with float16: networks of other projects are computed as they were made. Leave --precision out/,
  });
});
