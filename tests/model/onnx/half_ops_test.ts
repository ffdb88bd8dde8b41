import assert from "node:assert/strict";
import ort from "onnxruntime-node";
import type { Picture } from "../../../src/frame.ts";
import { worstDifference } from "../../../src/model/restore/worst_difference.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { openEngine } from "../../../src/model/engine/open_engine.ts";
import { exportOnnx } from "../../../src/model/onnx/export_onnx.ts";
import { shippedWeights } from "../../../src/model/weights/shipped_weights.ts";
import { readWeights, type Weights } from "../../../src/model/weights/weights.ts";
import { randomWeights, seededRandom } from "../../helpers/random_weights.ts";

const SIDE = 64;
const device = "cpu";

function noise(depth: 8 | 16 = 8): Picture {
  const random = seededRandom(5);
  const samples = depth === 16 ? new Uint16Array(3 * SIDE ** 2) : new Uint8Array(3 * SIDE ** 2);
  return { data: samples.map(() => 2 ** depth * random()), width: SIDE, height: SIDE };
}

/** The network whose result is the blurry picture itself. */
function unchanging(): Weights {
  const weights = randomWeights(PRESETS.smoke);
  for (const [name, { data }] of weights.tensors) if (/^(up|down)\.0\./.test(name)) data.fill(0);
  return weights;
}

/** The same network to float32, with values between its layers that float16 cannot hold. */
function beyondHalf(weights: Weights): Weights {
  const factor = 2 ** 20;
  for (const [name, { data }] of weights.tensors) {
    const isLast = /^(up|down)\.0\.(de)?conv/.test(name);
    if (name === "encoder.0.conv.weight" || (name.endsWith(".bias") && !isLast)) scale(data, factor);
    if (isLast && name.endsWith(".weight")) scale(data, 1 / factor);
  }
  return weights;
}

function scale(data: Float32Array, factor: number): void {
  data.forEach((value, i) => data[i] = factor * value);
}

async function runGraph(model: Uint8Array, { data }: Picture): Promise<Picture> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const { image } = await session.run({
    picture: new ort.Tensor(data instanceof Uint16Array ? "uint16" : "uint8", data, [1, SIDE, SIDE, 3]),
    detail: new ort.Tensor("float32", [1], []),
  });
  await session.release();
  assert.ok(image?.data instanceof Uint8Array || image?.data instanceof Uint16Array);
  return {
    data: new (image.data instanceof Uint16Array ? Uint16Array : Uint8Array)(image.data),
    width: SIDE,
    height: SIDE,
  };
}

for (const preset of ["fast", "fast-video"]) {
  Deno.test(`openEngine: ${preset} with float16 on cpu differs from float32, by 2 grey levels at most; branches and 16 bits do not`, async () => {
    const weights = await readWeights(shippedWeights(preset));
    await using exact = await openEngine({ weights, device, precision: "float32" });
    await using half = await openEngine({ weights, device, precision: "float16" });
    assert.deepEqual([exact.precision, half.precision], ["float32", "float16"]);
    const difference = async (depth: 8 | 16, branches: boolean) => {
      const [a, b] = [
        await exact.run(noise(depth), { branches }),
        await half.run(noise(depth), { branches }),
      ];
      return worstDifference(a.image, b.image);
    };
    const found = await difference(8, false);
    assert.ok(found > 0 && found <= 2, `${found} grey levels`);
    assert.deepEqual([await difference(16, false), await difference(8, true)], [0, 0]);
  });
}

Deno.test("exportOnnx: layers of float16, as GPUs get them, give what is emulated; the picture is not rounded", async () => {
  const weights = await readWeights(shippedWeights("fast"));
  const [half, emulated] = [
    exportOnnx(weights, { layers: "float16" }),
    exportOnnx(weights, { layers: "emulated float16" }),
  ];
  assert.ok(half.length < 0.6 * emulated.length, "the weights take as much room as before");
  assert.ok(worstDifference(await runGraph(half, noise()), await runGraph(emulated, noise())) <= 1);
  for (const layers of ["float16", "emulated float16"] as const) {
    const model = exportOnnx(unchanging(), { depth: 16, layers });
    assert.equal(worstDifference(await runGraph(model, noise(16)), noise(16)), 0, layers);
  }
});

Deno.test("exportOnnx: emulated float16 rounds what is between layers, not only weights", async () => {
  const weights = await readWeights(shippedWeights("fast"));
  for (const { data } of weights.tensors.values()) data.set(Float16Array.from(data));
  const exact = await runGraph(exportOnnx(weights), noise());
  const emulated = await runGraph(exportOnnx(weights, { layers: "emulated float16" }), noise());
  assert.ok(worstDifference(emulated, exact) > 0);
});

Deno.test("openEngine: float16 is refused in a sentence where its trial differs from float32", async () => {
  const weights = beyondHalf(randomWeights(PRESETS.smoke));
  await using exact = await openEngine({ weights, device, precision: "float32" });
  await using same = await openEngine({
    weights: randomWeights(PRESETS.smoke),
    device,
    precision: "float32",
  });
  assert.ok(worstDifference((await exact.run(noise())).image, (await same.run(noise())).image) <= 1);
  await assert.rejects(openEngine({ weights, device, precision: "float16" }), {
    name: "EngineError",
    message:
      /^Device "cpu": with float16 this network's result differs by \d+ grey levels here, and \d are allowed\. Use --precision float32$/,
  });
});
