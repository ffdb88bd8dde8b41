import assert from "node:assert/strict";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { readWeights } from "../../../src/model/weights/weights.ts";
import { trainConfig } from "../../../src/train/config.ts";
import { writeCheckpoint } from "../../../src/train/run/checkpoint.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";
import { planResumed, planTraining } from "../../../src/train/run/training_plan.ts";
import { writeSmokeWeights } from "../../helpers/smoke_weights.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { TINY } from "../../helpers/tiny_training.ts";

Deno.test("planTraining: preset fast, and what differs from it", async () => {
  const plan = await planTraining({});
  assert.deepEqual(plan, { config: trainConfig("fast"), seed: 1, step: 0, seconds: 0 });
  const other = await planTraining({ preset: "smoke", settings: { steps: 7 }, seed: 3, minutes: 2 });
  assert.deepEqual(other, {
    config: { ...trainConfig("smoke"), steps: 7 },
    seed: 3,
    step: 0,
    seconds: 0,
    minutes: 2,
  });
  await assert.rejects(planTraining({ settings: { batch: 0 } }), /Invalid value 0 for batch/);
});

Deno.test("planTraining with weights: their preset, a fifth of its rate unless it is given, and their hash", async () => {
  await using folder = await temporaryFolder();
  const init = folder.file("smoke.safetensors");
  await writeSmokeWeights(init);
  const { rate } = trainConfig("smoke");
  const plan = await planTraining({ init });
  assert.deepEqual(plan.config, { ...trainConfig("smoke"), rate: rate / 5 });
  assert.equal(plan.init, (await readWeights(init)).sha256);
  assert.equal(plan.weights?.preset, "smoke");
  assert.equal((await planTraining({ init, settings: { rate: 1 } })).config.rate, 1);
  assert.equal((await planTraining({ init, preset: "smoke-video" })).config.network.frames, 3);
  await assert.rejects(planTraining({ init, preset: "fast" }), {
    name: "WeightsError",
    path: init,
    message: /These weights are of preset smoke, which cannot grow to preset fast/,
  });
});

Deno.test("planResumed: the checkpoint's settings unless others are given; a length in steps replaces one in minutes", async () => {
  await using folder = await temporaryFolder();
  const weights = initialWeights(describeNetwork(TINY.network).tensors, TINY, 1);
  const run = {
    config: TINY,
    seed: 4,
    step: 9,
    crops: 18,
    seconds: 5,
    minutes: 3,
    init: "5a",
    precision: "float32",
  } as const;
  await writeCheckpoint(folder.path, { ...run, weights, average: weights, moments: new Map() });
  const { crops: _, ...kept } = run;
  assert.deepEqual(await planResumed(folder.path, {}), kept);
  assert.equal((await planResumed(folder.path, { minutes: 8 })).minutes, 8);
  const { minutes, config } = await planResumed(folder.path, { settings: { steps: 50 } });
  assert.deepEqual([minutes, config.steps], [undefined, 50]);
  assert.equal((await planResumed(folder.path, { settings: { batch: 5 } })).minutes, 3);
  await assert.rejects(planResumed(folder.path, { settings: { crop: 17 } }), /Invalid value 17 for crop/);
  await assert.rejects(planResumed(folder.file("none"), {}), {
    name: "WeightsError",
    message: /no checkpoint to resume/,
  });
});
