import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readCheckpoint } from "../../../src/train/run/checkpoint.ts";
import type { MetricsLine } from "../../../src/train/report/training_curve.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";
import { pressCtrlC, startCli } from "../../helpers/start_cli.ts";
import { trainingFolder } from "../../helpers/tiny_training.ts";

/** Pairs so large and many that measuring on them takes far longer than a command has to clean up. */
async function slowValidation(): Promise<PairFolder> {
  const folder = await PairFolder.create();
  const picture = renderScene({ width: 320, height: 256, seed: 9 });
  for (let i = 0; i < 5; i++) {
    for (const kind of ["blur", "sharp"]) await folder.write(`${kind}/${i}.png`, picture);
  }
  return folder;
}

async function metrics(directory: string): Promise<MetricsLine[]> {
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8").catch(() => "");
  return text.split("\n").slice(0, -1).map((line): MetricsLine => JSON.parse(line));
}

Deno.test({
  name:
    "cli: Ctrl-C while train measures leaves a checkpoint; --resume measures what was left out and goes on",
  ignore: Deno.build.os === "windows", // has no signals
  async fn() {
    await using data = await trainingFolder();
    await using validation = await slowValidation();
    const output = join(data.path, "run");
    const args = ["train", "--data", join(data.path, "photos"), "-o", output, "--device", "javascript"];
    const measuring = ["--validate", validation.path, "--validate-every", "1"];
    const small = ["--preset", "smoke", "--batch", "1", "--crop", "16", "--steps", "2"];
    const { child, stderr, ended } = startCli([...args, ...measuring, ...small]);
    try {
      while ((await metrics(output)).length === 0 && child.exitCode === null) await delay(20);
      await pressCtrlC(child);
      assert.deepEqual(await ended, [130, null], stderr());
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    assert.match(stderr(), /Stopping after a checkpoint is saved; Ctrl-C again stops without it\n/);
    assert.match(stderr(), /Stopped at step 1\. Continue with --resume\n$/);
    assert.deepEqual(
      (await metrics(output)).map(({ validation }) => validation),
      [undefined],
      "stopped before it ended",
    );
    assert.equal((await readCheckpoint(output)).step, 1);
    assert.ok((await readdir(output)).includes("weights.safetensors"));

    const again = startCli([...args, ...measuring, "--resume"]);
    assert.deepEqual(await again.ended, [0, null], again.stderr());
    const lines = (await metrics(output)).map(({ step, validation }) => [step, validation !== undefined]);
    assert.deepEqual(lines, [[1, false], [1, true], [2, false], [2, true]]);
  },
});
