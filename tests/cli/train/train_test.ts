import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TRAIN_HELP, trainCommand } from "../../../src/cli/train/train.ts";
import { readWeights } from "../../../src/model/weights/weights.ts";
import { readCheckpoint } from "../../../src/train/run/checkpoint.ts";
import { trainConfig } from "../../../src/train/config.ts";
import type { MetricsLine } from "../../../src/train/report/training_curve.ts";
import { readPoints } from "../../helpers/event_file.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";
import { trainingFolder } from "../../helpers/tiny_training.ts";
import { writeY4m } from "../../helpers/y4m.ts";

/** @param until Stops the command, as Ctrl-C does, when it has said this. */
async function run(args: readonly string[], { isTerminal = false, until = /never/ } = {}) {
  const said = { stdout: "", stderr: "" };
  const stop = new AbortController();
  const code = await trainCommand(args, {
    stdout: (text) => said.stdout += text,
    stderr(text) {
      said.stderr += text;
      if (until.test(said.stderr)) stop.abort();
    },
    isTerminal,
    signal: stop.signal,
  });
  return { code, ...said };
}

const SMALL = ["--preset", "smoke", "--batch", "1", "--crop", "16", "--device", "javascript"];

async function metrics(directory: string): Promise<MetricsLine[]> {
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8");
  return text.trimEnd().split("\n").map((line): MetricsLine => JSON.parse(line));
}

/** Steps and losses, without the time they took. */
async function losses(directory: string) {
  return (await metrics(directory)).filter(({ loss }) => loss !== undefined).map((
    { step, loss },
  ) => [step, loss]);
}

Deno.test("train prints its help on stdout", async () => {
  assert.deepEqual(await run(["--help"]), { code: 0, stdout: TRAIN_HELP, stderr: "" });
});

Deno.test("train with a setting that its network does not allow is a usage error", async () => {
  await assert.rejects(run(["--data", "a", "-o", "b", "--crop", "100"]), {
    name: "UsageError",
    message: /Invalid value 100 for crop: expected a multiple of 32/,
  });
});

Deno.test("train --preset smoke trains on a generated clip in plain JavaScript: same seed, same losses", async () => {
  await using folder = await temporaryFolder();
  const luma = (x: number, y: number, t: number) =>
    110 + 60 * Math.sin((x + 3 * t) / 2) * Math.cos(y / 3 - t);
  await writeY4m(folder.file("clip.y4m"), { width: 80, height: 64, rate: 4, frames: 12, luma });
  for (const name of ["one", "two"]) {
    const common = ["--data", folder.file("clip.y4m"), "--preset", "smoke", "--device", "javascript"];
    const { code, stdout, stderr } = await run([
      ...common,
      "--steps",
      "6",
      "--json",
      "-o",
      folder.file(name),
    ]);
    assert.equal(code, 0);
    assert.match(stderr, /Training on 6 sharp pictures\n/);
    const report = JSON.parse(stdout);
    const { seconds, ...rest } = report;
    assert.ok(seconds > 0 && seconds < 60);
    assert.deepEqual(rest, { weights: join(folder.file(name), "weights.safetensors"), steps: 6, crops: 12 });
  }
  const one = await losses(folder.file("one"));
  assert.equal(one.length, 6);
  assert.deepEqual(await losses(folder.file("two")), one);
  const names = [
    "checkpoint.safetensors",
    "curve.svg",
    "data.txt",
    "frames",
    "metrics.jsonl",
    "tensorboard",
    "weights.safetensors",
  ];
  assert.deepEqual((await readdir(folder.file("one"))).sort(), names);
  const { preset, provenance } = await readWeights(folder.file("one/weights.safetensors"));
  assert.equal(preset, "smoke");
  assert.deepEqual([provenance.steps, provenance.crops, provenance.seed], ["6", "12", "1"]);
  assert.deepEqual(JSON.parse(provenance.training ?? ""), { ...trainConfig("smoke"), steps: 6 });
  const [line = {}] = await metrics(folder.file("one"));
  assert.deepEqual(Object.keys(line), ["step", "loss", "lossOfNothing", "rate", "seconds"]);
});

Deno.test("train stopped by Ctrl-C saves and exits with 130, and --resume ends where an uninterrupted run does", async () => {
  await using data = await trainingFolder();
  const common = [
    "--data",
    join(data.path, "photos"),
    join(data.path, "pairs/blur/../../pairs"),
    "--validate",
  ];
  await using other = await trainingFolder(500);
  common.push(join(other.path, "pairs"), "--validate-every", "2");
  const [straight, broken] = [join(data.path, "straight"), join(data.path, "broken")];
  assert.equal((await run([...common, ...SMALL, "--steps", "5", "-o", straight])).code, 0);

  const first = await run([...common, ...SMALL, "--steps", "5", "-o", broken], { until: /step 2: .* dB/ });
  assert.equal(first.code, 130);
  assert.match(
    first.stderr,
    /Training on 2 pairs from blur\/ \(plain means of frames\) and 2 sharp pictures\n/,
  );
  assert.match(first.stderr, /Stopped at step 2\. Continue with --resume\n$/);
  const again = ["--resume", "--device", "javascript", "-o", broken];
  const second = await run([...common, ...again]);
  assert.equal(second.code, 0);
  assert.deepEqual(await losses(broken), await losses(straight));
  const measured = async (directory: string) =>
    (await metrics(directory)).flatMap(({ step, validation }) => validation ? [[step, validation.gain]] : []);
  assert.deepEqual((await measured(broken)).map(([step]) => step), [2, 4, 5]);
  assert.deepEqual(await measured(broken), await measured(straight));
  const [a, b] = [
    await readWeights(join(straight, "weights.safetensors")),
    await readWeights(join(broken, "weights.safetensors")),
  ];
  assert.deepEqual(b.tensors, a.tensors);
  for (const name of ["best.safetensors", "grid-2.png", "grid-5.png"]) {
    assert.ok((await readdir(broken)).includes(name), name);
  }

  await assert.rejects(run([...common, ...SMALL, "-o", broken]), { name: "MediaError", message: /--resume/ });
  const finished = await run([...common, ...again]);
  assert.equal(finished.code, 0);
  assert.match(finished.stderr, /is complete after 5 steps\. A larger --steps continues it\n$/);
  assert.equal((await run([...common, ...again, "--steps", "6"])).code, 0);
  assert.equal((await losses(broken)).length, 6);
  const otherData = ["--data", join(data.path, "photos"), ...again];
  await assert.rejects(run(otherData), { name: "MediaError", message: /other training data/ });
});

Deno.test("train --minutes stopped by Ctrl-C continues for the rest of them, or for the steps that are given", async () => {
  await using data = await trainingFolder();
  const output = join(data.path, "run");
  const common = ["--data", join(data.path, "photos"), "--device", "javascript", "-o", output];
  const small = ["--preset", "smoke", "--batch", "1", "--crop", "16"];
  const first = await run([...common, ...small, "--minutes", "0.03"], {
    until: /Training on/,
  });
  assert.equal(first.code, 130);
  assert.equal((await readCheckpoint(output)).minutes, 0.03);
  assert.equal((await run([...common, "--resume"])).code, 0);
  const end = await readCheckpoint(output);
  assert.ok(end.seconds >= 1.8, `${end.seconds} s`);
  assert.match((await run([...common, "--resume"])).stderr, /A larger --minutes continues it\n$/);
  assert.equal((await run([...common, "--resume", "--steps", `${end.step + 2}`])).code, 0);
  const { step, minutes } = await readCheckpoint(output);
  assert.deepEqual([step, minutes], [end.step + 2, undefined]);
});

Deno.test("train --init starts at the loss of the weights it is given, with a fifth of the rate", async () => {
  await using data = await trainingFolder();
  const common = [
    "--data",
    join(data.path, "pairs"),
    "--device",
    "javascript",
    "--crop",
    "16",
    "--batch",
    "2",
  ];
  const [base, tuned, same] = ["base", "tuned", "same"].map((name) => join(data.path, name)) as [
    string,
    string,
    string,
  ];
  assert.equal(
    (await run([...common, "--preset", "smoke", "--steps", "8", "--rate", "4e-3", "-o", base])).code,
    0,
  );
  const weights = join(base, "weights.safetensors");
  assert.equal((await run([...common, "--init", weights, "--steps", "2", "-o", tuned])).code, 0);
  const [first] = await metrics(tuned);
  // A run at a rate of next to nothing measures those weights on the same batch.
  const still = ["--steps", "1", "--rate", "1e-12", "-o", same];
  assert.equal((await run([...common, "--init", weights, ...still])).code, 0);
  const [measured] = await metrics(same);
  assert.equal(first?.loss, measured?.loss);
  assert.notEqual(first?.loss, first?.lossOfNothing);
  const more = ["--resume", "--device", "javascript", "--steps", "3", "--batch", "1", ...common.slice(0, 2)];
  assert.equal((await run([...more, "-o", tuned])).code, 0);
  const { provenance } = await readWeights(join(tuned, "weights.safetensors"));
  // Two steps of two crops and one of one, after eight of two.
  assert.deepEqual([provenance.crops, provenance.totalSteps, provenance.totalCrops], ["5", "11", "21"]);
  assert.deepEqual([provenance.steps, provenance.init], ["3", (await readWeights(weights)).sha256]);
  assert.equal(JSON.parse(provenance.training ?? "").rate, trainConfig("smoke").rate / 5);
  const wrong = [...common, "--init", weights, "--preset", "fast", "-o", join(data.path, "wrong")];
  await assert.rejects(run(wrong), {
    name: "WeightsError",
    message: /These weights are of preset smoke, which cannot grow to preset fast/,
  });
});

Deno.test("train --init with --validate measures the weights it begins with, and best.safetensors is never worse", async () => {
  await using data = await trainingFolder();
  await using other = await trainingFolder(500);
  const [base, spoilt] = [join(data.path, "base"), join(data.path, "spoilt")];
  const common = ["--data", join(data.path, "pairs"), "--device", "javascript", "--crop", "16"];
  const begun = await run([...common, "--preset", "smoke", "--steps", "4", "--rate", "1e-3", "-o", base]);
  assert.equal(begun.code, 0);
  const init = join(base, "weights.safetensors");
  const measuring = [...common, "--init", init, "--validate", join(other.path, "pairs"), "-o", spoilt];
  // A rate that unlearns what there was; stopped while nothing but the beginning was measured, and resumed.
  const first = await run([...measuring, "--steps", "3", "--rate", "0.3"], { until: /step 0: .* dB/ });
  assert.match(first.stderr, /step 0: [+-][\d.]+ dB over the blurry pictures.*\nStopped at step 0\./);
  const again = measuring.filter((arg) => arg !== "--init" && arg !== init);
  assert.equal((await run([...again, "--resume"])).code, 0);
  const measured = (await metrics(spoilt)).flatMap(({ step, validation }) =>
    validation === undefined ? [] : [{ step, gain: validation.gain }]
  );
  assert.deepEqual(measured.map(({ step }) => step), [0, 2, 3]);
  const curve = (await readPoints(join(spoilt, "tensorboard"))).filter(({ tag }) =>
    tag === "validation/gain"
  );
  assert.deepEqual(
    curve.map(({ step, value }) => ({ step, gain: value })),
    measured.map(({ step, gain }) => ({ step, gain: Math.fround(gain) })),
  );
  const [begin = NaN, ...after] = measured.map(({ gain }) => gain);
  assert.ok(after.every((gain) => gain < begin), "training spoilt the weights");
  const best = await readWeights(join(spoilt, "best.safetensors"));
  // But for the last biases, whose sum alone matters: down is centred.
  const kept = ({ tensors }: typeof best) =>
    new Map([...tensors].filter(([name]) => !/^(up|down)\.0\.\w+\.bias$/.test(name)));
  assert.deepEqual(kept(best), kept(await readWeights(init)));
  assert.deepEqual([best.provenance.steps, best.provenance.totalSteps], ["0", "4"]);
});

Deno.test("train -o with a run in it, or a file, is refused before any picture is read", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("checkpoint.safetensors"), "");
  const args = ["--data", folder.file("no-such-data"), ...SMALL, "-o"];
  const refused = { name: "MediaError", message: /There is a run in this folder\. Resume it with --resume/ };
  await assert.rejects(run([...args, folder.path]), refused);
  const file = folder.file("checkpoint.safetensors");
  await assert.rejects(run([...args, file]), {
    name: "MediaError",
    message: /This is a file\. Give the name of a folder/,
  });
  assert.deepEqual(await readdir(folder.path), ["checkpoint.safetensors"]);
});

Deno.test("train -o below a file is one error, also with a video to extract frames of", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("file"), "");
  await writeY4m(folder.file("clip.y4m"), { width: 32, height: 32, rate: 4, frames: 2, luma: () => 90 });
  const args = ["--data", folder.file("clip.y4m"), ...SMALL, "-o", folder.file("file/run")];
  await assert.rejects(run(args), { name: "MediaError", message: /The folder cannot be created/ });
});

Deno.test("train refuses to validate on training data, before anything is written", async () => {
  await using data = await trainingFolder();
  const pairs = join(data.path, "pairs");
  const output = join(data.path, "run");
  const args = ["--data", data.path, "--validate", pairs, ...SMALL, "-o", output];
  await assert.rejects(run(args), { name: "MediaError", message: /It is in the training data too, as / });
  assert.ok(!(await readdir(data.path)).includes("run"));
});

Deno.test("train shows loss, its ratio to that of the input, steps per second and time left on a terminal, and nothing with --quiet", async () => {
  await using data = await trainingFolder();
  const args = ["--data", join(data.path, "pairs"), ...SMALL, "--steps", "2"];
  const shown = await run([...args, "-o", join(data.path, "a")], { isTerminal: true });
  assert.match(
    shown.stderr,
    /Training .* 2\/2 steps \| loss [\d.]+, [\d.]+ of the input's \| [\d.]+ steps\/s \| time left/,
  );
  const quiet = await run([...args, "--quiet", "-o", join(data.path, "b")], { isTerminal: true });
  assert.deepEqual([quiet.stderr, quiet.stdout], ["", ""]);
});
