import assert from "node:assert/strict";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as core from "@tensorflow/tfjs-core";
import type { NetworkConfig } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import type { TensorData } from "../../../src/model/weights/safetensors.ts";
import { readCheckpoint, writeCheckpoint } from "../../../src/train/run/checkpoint.ts";
import { type TrainConfig, trainConfig } from "../../../src/train/config.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { type StepMetrics, train, type TrainOptions } from "../../../src/train/run/train.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { PLAIN_CROPS, TINY, trainingFolder } from "../../helpers/tiny_training.ts";

/** The smoke preset, in crops that plain JavaScript is through in no time. */
const SMOKE = { ...trainConfig("smoke"), batch: 1, crop: 16 };
const { tensors: SPECS } = describeNetwork(TINY.network);

/** Trains in plain JavaScript, in a folder of its own. */
async function run(config: Partial<TrainConfig>, options: Partial<TrainOptions> = {}) {
  await using data = await trainingFolder();
  const metrics: StepMetrics[] = [];
  const end = await train({ ...TINY, ...config }, {
    data: {
      pairs: await listPairs(join(data.path, "pairs")),
      photos: ["1", "2"].map((name) => join(data.path, "photos", `${name}.png`)),
    },
    directory: join(data.path, "run"),
    device: "javascript",
    ...options,
    onStep(step) {
      metrics.push(step);
      options.onStep?.(step);
    },
  });
  return { end, metrics };
}

function filled(value: number): Map<string, Float32Array> {
  return new Map([...shaped(value)].map(([name, { data }]) => [name, data]));
}

function shaped(value: number): Map<string, TensorData> {
  return new Map(SPECS.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value);
    return [name, { shape, data }];
  }));
}

Deno.test("train begins with a network that returns its input, learns, and reports every step", async () => {
  const onlyPairs = { ...PLAIN_CROPS, pairShare: 1 };
  const { end, metrics } = await run({ ...onlyPairs, steps: 60, rate: 5e-3 });
  assert.deepEqual(metrics.map(({ step }) => step), Array.from({ length: 60 }, (_, i) => i + 1));
  assert.equal(metrics[0]?.loss, metrics[0]?.lossOfNothing);
  const share = (part: StepMetrics[]) =>
    part.reduce((sum, { loss }) => sum + loss, 0) /
    part.reduce((sum, { lossOfNothing }) => sum + lossOfNothing, 0);
  assert.ok(share(metrics.slice(-15)) < 0.9, `${share(metrics.slice(-15))}`);
  assert.deepEqual([end.step, end.seed], [60, 1]);
});

Deno.test("train gives the same losses for the same seed, others for another", async () => {
  const losses = async (seed: number) => (await run({ steps: 4 }, { seed })).metrics.map(({ loss }) => loss);
  const first = await losses(1);
  assert.deepEqual(await losses(1), first);
  assert.notDeepEqual(await losses(2), first);
});

Deno.test("train holds as many tensors after step 50 as after step 5, and none at the end", async () => {
  const before = core.memory().numTensors;
  const counts: number[] = [];
  await run({ steps: 50, averageDecay: 0.9, batch: 1 }, {
    onStep: () => counts.push(core.memory().numTensors),
    onValidate: () => Promise.resolve(),
    validateEvery: 7,
    checkpointMinutes: 1e-3,
  });
  assert.equal(counts[49], counts[4]);
  assert.ok((counts[4] ?? 0) > before);
  assert.equal(core.memory().numTensors, before);
});

Deno.test("train passes the running average to onValidate, at intervals and at the end", async () => {
  const seen: [number, number][] = [];
  const options: Partial<TrainOptions> = {
    validateEvery: 2,
    onValidate: async (_, weights, { step }) => {
      seen.push([step, (await weights.get("up.0.deconv.bias")?.data())?.[0] ?? NaN]);
    },
  };
  const { end } = await run({ steps: 5, averageDecay: 0.9 }, options);
  assert.deepEqual(seen.map(([step]) => step), [2, 4, 5]);
  assert.equal(seen[2]?.[1], end.average.get("up.0.deconv.bias")?.[0]);
  assert.notEqual(seen[2]?.[1], end.weights.get("up.0.deconv.bias")?.[0]);
});

Deno.test("train passes the weights it begins with to onValidate before the first step, but not random ones", async () => {
  const seen: [number, number][] = [];
  const init = { config: TINY.network, tensors: shaped(2 ** -8), sha256: "5a" };
  const options: Partial<TrainOptions> = {
    init,
    onValidate: async (_, weights, { step }) => {
      seen.push([step, (await weights.get("encoder.0.conv.bias")?.data())?.[0] ?? NaN]);
    },
  };
  const { metrics } = await run({ steps: 1, rate: 1e-6 }, options);
  assert.deepEqual(seen.map(([step]) => step), [0, 1]);
  assert.equal(seen[0]?.[1], 2 ** -8);
  const { metrics: unmeasured } = await run({ steps: 1, rate: 1e-6 }, { init });
  assert.equal(metrics[0]?.loss, unmeasured[0]?.loss, "measuring changes nothing");
});

Deno.test("train limited by minutes does not count the time of the first validation", async () => {
  const init = { config: TINY.network, tensors: shaped(2 ** -8), sha256: "5a" };
  const onValidate = async () => await setTimeout(1000);
  const { metrics } = await run({ rate: 1e-6 }, { init, onValidate, minutes: 0.005 });
  assert.ok(metrics.length > 0 && (metrics[0]?.seconds ?? 0) < 1, `${metrics.length} steps`);
});

Deno.test("train without an average gives the weights themselves", async () => {
  const { end } = await run({ steps: 2, averageDecay: 0 });
  assert.deepEqual(end.average, end.weights);
});

Deno.test("train stops on a loss that is not a number, with the step and the reason, and frees its tensors", async () => {
  const before = core.memory().numTensors;
  await assert.rejects(run({}, { init: { config: TINY.network, tensors: shaped(Infinity), sha256: "5a" } }), {
    name: "RangeError",
    message: /stopped at step 0: the loss is NaN\. A lower learning rate may help/,
  });
  assert.equal(core.memory().numTensors, before);
});

for (const [rate, value] of [[1e300, /-?Infinity|NaN/], [1e38, /-?\d\.\d+e\+3\d/]] as const) {
  Deno.test(`train at a rate of ${rate} keeps the checkpoint before, not weights that its last step blew up`, async () => {
    await using folder = await temporaryFolder();
    const good = await run({ ...SMOKE, steps: 1 }, { directory: folder.path });
    const blown = run({ ...SMOKE, steps: 2, rate, schedule: "paper" }, {
      directory: folder.path,
      resume: true,
    });
    // The step is the last one: no loss after it tells.
    await assert.rejects(blown, (error: Error) => {
      assert.equal(error.name, "RangeError");
      const [, found = ""] = /stopped at step 2: a weight is (.*)\. A lower/.exec(error.message) ?? [];
      assert.match(found, value);
      return true;
    });
    assert.deepEqual((await readCheckpoint(folder.path)).weights, good.end.weights);
    assert.deepEqual(await readdir(folder.path), ["checkpoint.safetensors", "samples"]);
  });
}

Deno.test("train stops when the network has returned its input for a hundred steps", async () => {
  await using folder = await temporaryFolder();
  const dead = { weights: filled(0), average: filled(0), moments: new Map() };
  await writeCheckpoint(folder.path, { config: TINY, seed: 1, crops: 300, seconds: 1, ...dead, step: 150 });
  await assert.rejects(run({ steps: 500 }, { directory: folder.path, resume: true }), {
    name: "RangeError",
    message: /stopped at step 150: the network returns its input unchanged \(dead ReLUs\)/,
  });
});

Deno.test("train stopped by its signal saves a checkpoint of the step it was in, and continues from there", async () => {
  await using folder = await temporaryFolder();
  const stop = new AbortController();
  const straight = await run({ steps: 6 });
  const options = { directory: folder.path, signal: stop.signal };
  const first = await run({ steps: 6 }, { ...options, onStep: ({ step }) => step === 3 && stop.abort() });
  assert.deepEqual([first.end.step, (await readCheckpoint(folder.path)).step], [3, 3]);
  const second = await run({ steps: 6 }, { directory: folder.path, resume: true });
  const losses = [...first.metrics, ...second.metrics].map(({ loss }) => loss);
  assert.deepEqual(losses, straight.metrics.map(({ loss }) => loss));
  assert.deepEqual(second.end.weights, straight.end.weights);
});

Deno.test("train keeps samples while it can be resumed, and none when it is complete", async () => {
  await using folder = await temporaryFolder();
  const stop = new AbortController();
  const options = { directory: folder.path, signal: stop.signal };
  const { end } = await run({ steps: 3 }, {
    ...options,
    onStep: ({ step }) => step === 2 && stop.abort(),
  });
  const left = await readdir(folder.file("samples"));
  assert.ok(left.length > end.config.batch && left.includes("material.txt"), `${left}`);
  await run({ steps: 3 }, { directory: folder.path, resume: true });
  assert.deepEqual(await readdir(folder.path), ["checkpoint.safetensors"]);
});

Deno.test("train does not use samples of a run that saved no checkpoint", async () => {
  await using folder = await temporaryFolder();
  const expected = await run({ steps: 2 });
  const unsaved = run({ steps: 2 }, {
    directory: folder.path,
    onStep: () => {
      throw new Error("the disk is full");
    },
  });
  await assert.rejects(unsaved, /the disk is full/);
  // The pictures may have changed since under the same names; here the samples did.
  for (const name of await readdir(folder.file("samples"))) {
    if (!name.endsWith(".sample")) continue;
    const { size } = await stat(folder.file(`samples/${name}`));
    await writeFile(folder.file(`samples/${name}`), new Uint8Array(size).fill(99));
  }
  const { metrics } = await run({ steps: 2 }, { directory: folder.path });
  assert.deepEqual(metrics.map(({ loss }) => loss), expected.metrics.map(({ loss }) => loss));
});

Deno.test("train grows the weights of a smaller network, and refuses those of another", async () => {
  const network: NetworkConfig = { ...TINY.network, residualBlocks: 2 };
  const init = { config: TINY.network, tensors: shaped(2 ** -8), sha256: "5a" };
  const { end } = await run({ network, steps: 1 }, { init });
  assert.equal(end.weights.size, describeNetwork(network).tensors.length);
  const other = { ...init, config: { ...TINY.network, inputSkip: false } };
  await assert.rejects(run({}, { init: other }), {
    name: "RangeError",
    message: /Cannot start from these weights: .*"inputSkip":false.* can grow from/,
  });
});

Deno.test("train resumes with another length and rate, but not with another network", async () => {
  await using folder = await temporaryFolder();
  await run({ steps: 2 }, { directory: folder.path });
  const options = { directory: folder.path, resume: true };
  const { end, metrics } = await run({ steps: 4, schedule: "paper", rate: 1e-3 }, options);
  assert.deepEqual(metrics.map(({ step, rate }) => [step, rate]), [[3, 1e-3 * 0.5 ** 0.3], [
    4,
    1e-3 * 0.25 ** 0.3,
  ]]);
  assert.deepEqual([end.config.steps, (await readCheckpoint(folder.path)).config.rate], [4, 1e-3]);
  const network = { ...TINY.network, inputSkip: !TINY.network.inputSkip };
  await assert.rejects(run({ network }, options), { name: "WeightsError", message: /another network/ });
});

Deno.test("train limited by minutes lets the learning rate follow the time", async () => {
  const { metrics } = await run({ schedule: "paper", steps: 1e6 }, { minutes: 0.01 });
  const rates = metrics.map(({ rate }) => rate);
  assert.ok(rates.every((rate, i) => i === 0 || rate < (rates[i - 1] ?? 0)));
  assert.ok(metrics.length < 1e4 && (metrics.at(-1)?.seconds ?? 0) >= 0.6);
});

Deno.test("train refuses a config or weights that are not valid before it starts", async () => {
  await assert.rejects(run({ crop: 17 }), { name: "RangeError", message: /17 for crop/ });
  const before = core.memory().numTensors;
  await assert.rejects(
    run({}, { init: { config: TINY.network, tensors: new Map(), sha256: "5a" } }),
    /no weights named "encoder\.0\.conv\.weight"/,
  );
  assert.equal(core.memory().numTensors, before);
});

Deno.test("train names a picture that is missing", async () => {
  const data = { pairs: [], photos: ["/nowhere/photo.png"] };
  await assert.rejects(run({}, { data }), /nowhere\/photo\.png/);
});

const adapter = await navigator.gpu?.requestAdapter() ?? null;

Deno.test({
  name: "train on webgpu takes the steps that javascript takes" +
    (adapter === null ? " (no adapter is here)" : ""),
  ignore: adapter === null,
  sanitizeResources: false, // the device stays open
  async fn() {
    const losses = async (device: "webgpu" | "javascript") =>
      (await run({ steps: 3, averageDecay: 0.9 }, { device })).metrics.map(({ loss }) => loss);
    const [expected, found] = [await losses("javascript"), await losses("webgpu")];
    found.forEach((loss, i) =>
      assert.ok(Math.abs(loss / (expected[i] ?? NaN) - 1) < 1e-4, `${found}, ${expected}`)
    );
    assert.equal(found.length, 3);
  },
});
