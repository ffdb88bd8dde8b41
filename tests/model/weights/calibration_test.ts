import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { calibrationPath, isBearable, readCalibration } from "../../../src/model/weights/calibration.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const GOOD = {
  weights: "abc",
  ranges: [[0, 1]],
  channels: { 0: [[0, 1]] },
  shift: [0, 0, 0],
  loss: { a: 0.01 },
};

Deno.test("readCalibration: gives that of the weights, and nothing if there is none or it is of others", async () => {
  await using folder = await temporaryFolder();
  const weights = folder.file("w.safetensors");
  assert.equal(calibrationPath(weights), folder.file("w.int8.json"));
  assert.equal(await readCalibration(weights, "abc"), undefined);
  await writeFile(calibrationPath(weights), JSON.stringify(GOOD));
  assert.deepEqual(await readCalibration(weights, "abc"), GOOD);
  assert.equal(await readCalibration(weights, "abd"), undefined);
});

for (
  const [what, text] of [
    ["JSON", "{"],
    ["weights", JSON.stringify({ ...GOOD, weights: 1 })],
    ["ranges", JSON.stringify({ ...GOOD, ranges: [[0]] })],
    ["channels", JSON.stringify({ ...GOOD, channels: { 0: [1] } })],
    ["shift", JSON.stringify({ ...GOOD, shift: [0, 0, "0"] })],
    ["loss", JSON.stringify({ ...GOOD, loss: { a: "0" } })],
    ["weights", "null"],
  ] as const
) {
  Deno.test(`readCalibration: refuses a file with unusable ${what}: ${text.slice(0, 12)}`, async () => {
    await using folder = await temporaryFolder();
    const weights = folder.file("w.safetensors");
    await writeFile(calibrationPath(weights), text);
    await assert.rejects(readCalibration(weights, "abc"), {
      name: "WeightsError",
      message: new RegExp(`^${calibrationPath(weights)}: is no calibration: .*${what}.*deno task calibrate`),
    });
  });
}

Deno.test("isBearable: only a loss that was measured, and is small on every sequence", () => {
  const of = (loss: Record<string, number>) =>
    isBearable({ weights: "", ranges: [], channels: {}, shift: [], loss });
  assert.deepEqual([of({}), of({ a: 0.03, b: -0.1 }), of({ a: 0, b: 0.031 })], [false, true, false]);
});
