import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isNativeTensorFlowBuilt } from "../../../src/model/tfjs/native_tensorflow.ts";
import type { MetricsLine } from "../../../src/train/report/training_curve.ts";
import { readCheckpoint } from "../../../src/train/run/checkpoint.ts";
import { cropPicture } from "../../../src/crop_picture.ts";
import { noiseScene } from "../../helpers/noise_scene.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { runCli } from "../../helpers/run_cli.ts";
import { trainingFolder } from "../../helpers/tiny_training.ts";

/** Pairs of a camera that pans, one after the other. */
async function sequence(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  const scene = noiseScene(120, 80, 4);
  for (let i = 0; i < 3; i++) {
    const view = (x: number) => cropPicture(scene, { x: 20 + 5 * i + x, y: 20, width: 64, height: 48 });
    await folder.write(`sharp/00${i}.png`, view(0));
    await folder.write(`blur/00${i}.png`, view(1));
  }
  return folder;
}

/** What every validation of a run measured. */
async function validations(directory: string): Promise<readonly (readonly [step: number, gain: number])[]> {
  const lines = (await readFile(join(directory, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
  return lines.map((line): MetricsLine => JSON.parse(line)).flatMap(({ step, validation }) =>
    validation === undefined ? [] : [[step, validation.gain] as const]
  );
}

Deno.test("train --init of smoke with --preset smoke-video begins as good as smoke, with neighbours or without", async () => {
  await using data = await trainingFolder();
  await using held = await sequence();
  const [small, grown] = [join(data.path, "small"), join(data.path, "grown")];
  const common = [
    "train",
    "--data",
    join(data.path, "pairs"),
    "--validate",
    held.path,
    "--device",
    "javascript",
  ];
  const size = ["--crop", "16", "--batch", "1"];
  const first = await runCli([...common, ...size, "--preset", "smoke", "--steps", "3", "-o", small]);
  assert.equal(first.code, 0, first.stderr);
  const init = join(small, "weights.safetensors");
  const video = ["--init", init, "--preset", "smoke-video", "--steps", "2"];
  const second = await runCli([...common, ...size, ...video, "-o", grown]);
  assert.equal(second.code, 0, second.stderr);
  const [last] = (await validations(small)).slice(-1);
  const [begin, ...after] = await validations(grown);
  assert.deepEqual([begin?.[0], begin?.[1]], [0, last?.[1]]);
  assert.ok(after.every(([, gain]) => gain !== begin?.[1]));
  assert.equal((await readCheckpoint(grown)).config.network.frames, 3);
});

Deno.test("train --init of a network that another cannot grow from is refused before anything is written", async () => {
  await using data = await trainingFolder();
  const common = [
    "train",
    "--data",
    join(data.path, "pairs"),
    "--device",
    "javascript",
    "--crop",
    "32",
    "--batch",
    "1",
  ];
  const [video, wrong] = [join(data.path, "video"), join(data.path, "wrong")];
  assert.equal((await runCli([...common, "--preset", "smoke-video", "--steps", "1", "-o", video])).code, 0);
  const init = join(video, "weights.safetensors");
  for (const preset of ["fast", "fast-video"]) {
    const { code, stderr } = await runCli([...common, "--init", init, "--preset", preset, "-o", wrong]);
    const why = `These weights are of preset smoke-video, which cannot grow to preset ${preset}`;
    assert.ok(code === 1 && stderr.includes(why), stderr);
  }
  assert.ok(!(await readdir(data.path)).includes("wrong"));
});

Deno.test("train --precision names what it may be", async () => {
  const { code, stderr } = await runCli(["train", "--data", "a", "-o", "b", "--precision", "double"]);
  assert.equal(code, 2);
  assert.match(stderr, /Invalid value "double" for --precision: expected auto, bfloat16 or float32/);
});

const isBuilt = isNativeTensorFlowBuilt();
Deno.test({
  name: `train on tensorflow says what it computes in, and --resume keeps to it${
    isBuilt ? "" : " (native TensorFlow is not built)"
  }`,
  ignore: !isBuilt,
  sanitizeResources: false, // the binding stays loaded
  async fn() {
    await using data = await trainingFolder();
    const output = join(data.path, "run");
    const common = ["train", "--data", join(data.path, "photos"), "-o", output];
    const small = ["--preset", "smoke", "--crop", "16", "--batch", "2", "--steps", "1"];
    const first = await runCli([...common, ...small]);
    assert.match(
      first.stderr,
      /Precision: (bfloat16|float32) \(time of a step: bfloat16 \d+ ms, float32 \d+ ms\)\n/,
    );
    const { precision, parts } = await readCheckpoint(output);
    assert.equal(parts, 1);
    const second = await runCli([...common, "--resume", "--steps", "2"]);
    assert.ok(second.stderr.includes(`Precision: ${precision}\n`), second.stderr);
    const other = precision === "float32" ? "bfloat16" : "float32";
    const third = await runCli([...common, "--resume", "--steps", "3", "--precision", other]);
    assert.ok(third.stderr.includes(`Precision: ${other}\n`), third.stderr);
    assert.equal((await readCheckpoint(output)).precision, other);
  },
});
