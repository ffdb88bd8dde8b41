import assert from "node:assert/strict";
import ort from "onnxruntime-node";
import type { Picture } from "../../../../src/frame.ts";
import { openEngine } from "../../../../src/model/engine/open_engine.ts";
import { type NetworkConfig, PRESETS } from "../../../../src/model/network/config.ts";
import { calibrateNetwork } from "../../../../src/model/onnx/int8/calibrate_network.ts";
import { multipliesBytes } from "../../../../src/model/onnx/int8/multiplies_bytes.ts";
import { alignNeighbours } from "../../../../src/model/restore/align_neighbours.ts";
import { type Calibration, isBearable } from "../../../../src/model/weights/calibration.ts";
import { shippedPresets, shippedWeights } from "../../../../src/model/weights/shipped_weights.ts";
import { readWeights, type Weights } from "../../../../src/model/weights/weights.ts";
import { psnr } from "../../../../src/train/evaluate/metrics.ts";
import { renderClouds } from "../../../helpers/clouds.ts";
import { randomWeights } from "../../../helpers/random_weights.ts";

const SIZE = { width: 96, height: 64 };
const scene = (x: number, y = 0): Picture => renderClouds({ ...SIZE, x, y });

/** Weights whose results are pictures, with a calibration. */
async function calibrated(config: NetworkConfig): Promise<Weights & { readonly calibration: Calibration }> {
  const weights = randomWeights(config);
  const inputs = [0, 40, 80].map((x) => {
    const neighbours = config.frames === 1
      ? []
      : alignNeighbours(scene(x), { previous: scene(x - 3), next: scene(x + 4) }, { x: 0, y: 0, ...SIZE })
        .filter((neighbour) => neighbour !== undefined);
    assert.equal(neighbours.length, config.frames - 1);
    return { picture: scene(x), neighbours };
  });
  return { ...weights, calibration: { ...await calibrateNetwork(weights, inputs), loss: {} } };
}

const NETWORKS: Record<string, NetworkConfig> = {
  smoke: PRESETS.smoke,
  "smoke-video": PRESETS["smoke-video"],
  "fast-single": PRESETS["fast-single"],
  "a network at full resolution": { ...PRESETS.smoke, strides: [1, 2] },
};
for (const [name, config] of Object.entries(NETWORKS)) {
  Deno.test(`precision int8: ${name} restores pictures not calibrated on almost as with floats, to their edges`, async () => {
    const weights = await calibrated(config);
    const neighbours = { previous: scene(17), next: scene(24) };
    await using exact = await openEngine({ weights, device: "cpu", precision: "float32" });
    await using bytes = await openEngine({ weights, device: "cpu", precision: "int8" });
    assert.deepEqual([exact.precision, bytes.precision], ["float32", "int8"]);
    const [a, b] = [
      (await exact.run(scene(20), { neighbours })).image,
      (await bytes.run(scene(20), { neighbours })).image,
    ];
    assert.notDeepEqual(a.data, b.data, "both computed with floats");
    assert.ok(psnr(a, scene(20)) < 35, "the network does nothing");
    assert.ok(psnr(a, b) >= 35, `${psnr(a, b)} dB`);
    const edge = (picture: Picture): Picture => {
      const data = Uint8Array.from(picture.data.subarray(0, 3 * 8 * SIZE.width));
      return { data, width: SIZE.width, height: 8 };
    };
    assert.ok(psnr(edge(a), edge(b)) >= 33, `${psnr(edge(a), edge(b))} dB in the first lines`);
  });
}

Deno.test("precision int8: detail weighs the change as with floats; 16 bits and branches are computed with floats", async () => {
  const weights = await calibrated(PRESETS.smoke);
  await using exact = await openEngine({ weights, device: "cpu", precision: "float32" });
  await using bytes = await openEngine({ weights, device: "cpu", precision: "int8" });
  const detailed = { detail: 2 };
  const [plain, a, b] = [
    (await exact.run(scene(20))).image,
    (await exact.run(scene(20), detailed)).image,
    (await bytes.run(scene(20), detailed)).image,
  ];
  assert.ok(psnr(a, b) > psnr(plain, a) + 6, `${psnr(a, b)} dB, against ${psnr(plain, a)} for detail 1`);
  const deep = (): Picture => ({ ...SIZE, data: Uint16Array.from(scene(20).data, (sample) => 257 * sample) });
  assert.deepEqual((await bytes.run(deep())).image, (await exact.run(deep())).image);
  const both = [
    await exact.run(scene(20), { branches: true }),
    await bytes.run(scene(20), { branches: true }),
  ];
  assert.deepEqual(both[0], both[1]);
});

Deno.test("calibrateNetwork: what is added to the result takes back what rounding adds to its mean", async () => {
  const weights = await calibrated(PRESETS.smoke);
  const calibration = { ...weights.calibration, shift: [0.1, 0, -0.1] };
  await using bytes = await openEngine({ weights, device: "cpu", precision: "int8" });
  await using shifted = await openEngine({
    weights: { ...weights, calibration },
    device: "cpu",
    precision: "int8",
  });
  const mean = ({ data }: Picture) => {
    const sums = [0, 0, 0];
    for (const [i, sample] of data.entries()) sums[i % 3] = (sums[i % 3] ?? 0) + sample;
    return sums.map((sum) => 3 * sum / data.length);
  };
  const dark = (): Picture => ({ ...SIZE, data: scene(20).data.map((sample) => 90 + sample / 4) });
  const [a, b] = [mean((await bytes.run(dark())).image), mean((await shifted.run(dark())).image)];
  const change = b.map((value, i) => value - (a[i] ?? NaN));
  assert.ok((change[0] ?? 0) > 5 && Math.abs(change[1] ?? 9) < 2 && (change[2] ?? 0) < -5, `${change}`);
});

Deno.test("precision auto: bytes are used only where the processor multiplies them, and little was lost", async () => {
  const weights = await calibrated(PRESETS.smoke);
  const precisionWith = async (loss: Calibration["loss"]) => {
    await using engine = await openEngine({
      weights: { ...weights, calibration: { ...weights.calibration, loss } },
      device: "cpu",
    });
    return engine.precision;
  };
  assert.equal(await precisionWith({}), "float32");
  assert.equal(await precisionWith({ a: 0.01, b: 0.04 }), "float32");
  assert.equal(await precisionWith({ a: 0.01, b: 0.03 }), await multipliesBytes(ort) ? "int8" : "float32");
});

Deno.test("precision int8: on another device it is refused with what would help", async () => {
  const weights = await calibrated(PRESETS.smoke);
  await assert.rejects(
    openEngine({ weights, device: "wasm", precision: "int8" }),
    /has no precision "int8".*Choose/,
  );
});

for (const preset of shippedPresets()) {
  Deno.test(`shipped weights: ${preset} has a calibration made of it, and loses no more than auto bears`, async () => {
    const { calibration } = await readWeights(shippedWeights(preset));
    assert.ok(calibration, `run "deno task calibrate weights/${preset}.safetensors" again for new weights`);
    assert.ok(isBearable(calibration), JSON.stringify(calibration.loss));
  });
}
