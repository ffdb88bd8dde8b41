import assert from "node:assert/strict";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { readWeights } from "../../../src/model/weights/weights.ts";
import { writeCheckpoint } from "../../../src/train/run/checkpoint.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { initialWeights } from "../../../src/train/run/initial_weights.ts";
import { RunFolder, type RunFolderOptions } from "../../../src/train/report/run_folder.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";
import type { MetricsLine } from "../../../src/train/report/training_curve.ts";
import { readPoints } from "../../helpers/event_file.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

const OPTIONS: RunFolderOptions = { config: TINY, seed: 4, data: { list: "the data\n", sha256: "5a" } };
const { tensors: SPECS } = describeNetwork(TINY.network);

function step(number: number) {
  return { step: number, loss: 1 / number, lossOfNothing: 1, rate: 1e-3, seconds: number };
}

async function metrics(directory: string): Promise<MetricsLine[]> {
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8");
  return text.trimEnd().split("\n").map((line): MetricsLine => JSON.parse(line));
}

Deno.test("RunFolder writes every step at once, and on resuming removes those after the checkpoint", async () => {
  await using folder = await temporaryFolder();
  const directory = folder.file("run");
  {
    using run = await RunFolder.open(directory, OPTIONS);
    for (let i = 1; i <= 4; i++) run.addStep(step(i));
    assert.deepEqual(await metrics(directory), [1, 2, 3, 4].map(step));
  }
  await appendFile(join(directory, "metrics.jsonl"), '{"step": 5, "lo'); // cut by a kill
  {
    using run = await RunFolder.open(directory, { ...OPTIONS, resumedStep: 2 });
    run.addStep(step(3));
  }
  assert.deepEqual(await metrics(directory), [1, 2, 3].map(step));
});

Deno.test("RunFolder names a damaged line of the metrics that are resumed, and does not change them", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("metrics.jsonl");
  for (const damage of ['{"step": 2, "lo', "null", '{"loss": 1}', "\0\0"]) {
    const text = [JSON.stringify(step(1)), "", damage, JSON.stringify(step(3)), ""].join("\n");
    await writeFile(path, text);
    await assert.rejects(RunFolder.open(folder.path, { ...OPTIONS, resumedStep: 3 }), {
      name: "MediaError",
      path,
      message: /Line 3 is damaged: .*\. Correct or delete this line/,
    });
    assert.equal(await readFile(path, "utf8"), text);
  }
});

Deno.test("RunFolder refuses a folder with a run in it, and to resume with other data", async () => {
  await using folder = await temporaryFolder();
  const weights = initialWeights(SPECS, TINY, 1);
  const end = {
    config: TINY,
    seed: 1,
    step: 2,
    crops: 4,
    seconds: 1,
    weights,
    average: weights,
    moments: new Map(),
  };
  await writeCheckpoint(folder.path, end);
  await assert.rejects(RunFolder.open(folder.path, OPTIONS), { name: "MediaError", message: /--resume/ });
  // A run of another program has no list of data yet.
  (await RunFolder.open(folder.path, { ...OPTIONS, resumedStep: 2 }))[Symbol.dispose]();
  const other = { ...OPTIONS, resumedStep: 2, data: { list: "other data\n", sha256: "77" } };
  await assert.rejects(RunFolder.open(folder.path, other), {
    name: "MediaError",
    message: /data\.txt.*other training data/,
  });
});

Deno.test("RunFolder names a folder that is a file or cannot be created", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("x.mp4"), "");
  for (
    const [name, message] of [["x.mp4", /This is a file/], [
      "x.mp4/run",
      /The folder cannot be created/,
    ]] as const
  ) {
    await assert.rejects(RunFolder.open(folder.file(name), OPTIONS), { name: "MediaError", message });
  }
});

Deno.test("RunFolder writes every tenth step for TensorBoard, also after resuming", async () => {
  await using folder = await temporaryFolder();
  for (const resumedStep of [undefined, 20]) {
    using run = await RunFolder.open(folder.path, { ...OPTIONS, ...(resumedStep && { resumedStep }) });
    const first = (resumedStep ?? 0) + 1;
    for (let i = first; i < first + 20; i++) run.addStep(step(i));
  }
  const points = await readPoints(folder.file("tensorboard"));
  assert.deepEqual(
    points.filter(({ tag }) => tag === "loss").map(({ step, value }) => [step, value]),
    [10, 20, 30, 40].map((step) => [step, Math.fround(1 / step)]),
  );
  assert.deepEqual([...new Set(points.map(({ tag }) => tag))], ["loss", "loss/nothing", "rate"]);
});

Deno.test("RunFolder writes the weights of a checkpoint with their provenance", async () => {
  await using folder = await temporaryFolder();
  const weights = initialWeights(SPECS, TINY, 1);
  using run = await RunFolder.open(folder.path, {
    ...OPTIONS,
    init: "abc",
    earlier: { steps: 100, crops: 400 },
  });
  run.addStep(step(1));
  await run.addCheckpoint({
    config: TINY,
    seed: 4,
    step: 3,
    crops: 7,
    seconds: 12.3,
    weights: new Map(),
    average: weights,
    moments: new Map(),
  });
  const { config, tensors, provenance } = await readWeights(folder.file("weights.safetensors"));
  assert.deepEqual(config, TINY.network);
  assert.deepEqual(new Map([...tensors].map(([name, { data }]) => [name, data])), weights);
  assert.deepEqual(provenance, {
    preset: "none",
    steps: "3",
    seconds: "12",
    crops: "7",
    totalSteps: "103",
    totalCrops: "407",
    seed: "4",
    dataSha256: "5a",
    init: "abc",
    training: JSON.stringify(TINY),
  });
  assert.match(await readFile(folder.file("curve.svg"), "utf8"), /^<svg/);
  assert.equal(await readFile(folder.file("data.txt"), "utf8"), "the data\n");
});

Deno.test("RunFolder measures gain on validation pairs, draws the results, and keeps the best weights", async () => {
  await using data = await trainingFolder();
  await using folder = await temporaryFolder();
  const tf = await loadTensorFlow("javascript");
  const before = tf.memory().numTensors;
  const tensors = (bias: number) =>
    new Map([...initialWeights(SPECS, TINY, 1)].map(([name, data]) => {
      const { shape } = SPECS.find((spec) => spec.name === name) ?? assert.fail(name);
      return [name, tf.tensor(name === "up.0.deconv.bias" ? data.map(() => bias) : data, [...shape])];
    }));
  const validation = await listPairs(join(data.path, "pairs"));
  using run = await RunFolder.open(folder.path, { ...OPTIONS, validation });
  const [still, brighter] = [tensors(0), tensors(0.2)];

  const first = await run.validate(tf, still, { crops: 9, step: 10, seconds: 1 });
  assert.deepEqual([first?.gain, first?.sharp], [0, 100]);
  const second = await run.validate(tf, brighter, { crops: 9, step: 20, seconds: 2 });
  assert.ok((second?.gain ?? 0) < -5 && (second?.sharp ?? 0) < 16);
  assert.deepEqual(Object.keys(second?.pictures ?? {}), ["1", "2"]);
  const lines = (await readFile(folder.file("metrics.jsonl"), "utf8")).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).validation),
    [first, second],
    "read back as measured",
  );
  const points = await readPoints(folder.file("tensorboard"));
  assert.deepEqual(points.map(({ tag, step }) => `${tag} ${step}`), [
    "validation/gain 10",
    "validation/gain 20",
  ]);
  const bias = async (file: string) =>
    (await readWeights(folder.file(file))).tensors.get("up.0.deconv.bias")?.data[0];
  assert.deepEqual([await bias("best.safetensors"), await bias("weights.safetensors")], [
    0,
    Math.fround(0.2),
  ]);

  const grid = await readPicture(folder.file("grid-20.png"));
  assert.deepEqual([grid.width, grid.height], [5 * 64, 2 * 48]);
  const at = (column: number) => [...grid.data.subarray(3 * 64 * column, 3 * 64 * column + 3)];
  assert.deepEqual(at(1), [128, 128, 128]); // down changes nothing
  assert.deepEqual(at(2), at(3));
  assert.ok(at(3).every((value, i) => Math.abs(value - (at(0)[i] ?? 0) - 51) <= 1));
  assert.deepEqual(at(4), [...(await readPicture(validation[0]?.sharp ?? "")).data.subarray(0, 3)]);

  tf.dispose([...still.values(), ...brighter.values()]);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual((await readdir(folder.path)).filter((name) => name.endsWith(".part")), []);
});

Deno.test("RunFolder resumes after 200 000 lines of metrics, and knows the best validation among them", async () => {
  await using data = await trainingFolder();
  await using folder = await temporaryFolder();
  const gains = (i: number) => ({ step: i, seconds: i, validation: { gain: 3, sharp: 40, pictures: {} } });
  const lines = Array.from({ length: 100_000 }, (_, i) => [step(i + 1), gains(i + 1)]).flat();
  await writeFile(folder.file("metrics.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const tf = await loadTensorFlow("javascript");
  const weights = initialWeights(SPECS, TINY, 1);
  const tensors = new Map(SPECS.map(({ name, shape }) => [
    name,
    tf.tensor(weights.get(name) ?? assert.fail(name), [...shape]),
  ]));
  const validation = await listPairs(join(data.path, "pairs"));
  using run = await RunFolder.open(folder.path, { ...OPTIONS, validation, resumedStep: 100_000 });
  assert.equal((await run.validate(tf, tensors, { crops: 9, step: 100_001, seconds: 1 }))?.gain, 0);
  assert.equal((await metrics(folder.path)).length, 200_001);
  const files = await readdir(folder.path);
  assert.deepEqual(["weights", "best"].map((name) => files.includes(`${name}.safetensors`)), [true, false]);
  tf.dispose([...tensors.values()]);
});

Deno.test("RunFolder measures nothing without validation pairs", async () => {
  await using folder = await temporaryFolder();
  using run = await RunFolder.open(folder.path, OPTIONS);
  const tf = await loadTensorFlow("javascript");
  assert.equal(await run.validate(tf, new Map(), { crops: 9, step: 1, seconds: 1 }), undefined);
});
