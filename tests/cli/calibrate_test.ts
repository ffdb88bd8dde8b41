import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PRESETS } from "../../src/model/network/config.ts";
import { readWeights, serializeWeights } from "../../src/model/weights/weights.ts";
import { renderClouds } from "../helpers/clouds.ts";
import { PairFolder } from "../helpers/pair_folder.ts";
import { randomWeights } from "../helpers/random_weights.ts";
import { runCli } from "../helpers/run_cli.ts";

async function withPairs(count: number): Promise<PairFolder> {
  const pairs = await PairFolder.create();
  for (let i = 0; i < count; i++) {
    const picture = renderClouds({ width: 96, height: 64, x: 3 * i, y: 0 });
    await pairs.write(`scene/blur/00${i}.png`, picture);
    await pairs.write(`scene/sharp/00${i}.png`, picture);
  }
  return pairs;
}

Deno.test("calibrate: writes ranges and loss beside the weights, which then compute with bytes", async () => {
  await using pairs = await withPairs(4);
  const file = join(pairs.path, "w.safetensors");
  await writeFile(file, serializeWeights(randomWeights(PRESETS["smoke-video"])));
  assert.equal((await readWeights(file)).calibration, undefined);
  const args = ["calibrate", file, "--data", pairs.path, "--validate", pairs.path];
  const run = await runCli(args);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /Wrote .*w\.int8\.json; lost: scene -?\d+\.\d{3} dB/);
  const { calibration } = await readWeights(file);
  assert.deepEqual(Object.keys(calibration?.loss ?? {}), ["scene"]);

  const again = await runCli(args);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /w\.int8\.json.*exists/);
  await writeFile(join(pairs.path, "w.int8.json"), "damaged");
  assert.equal((await runCli(["calibrate", file, "--data", pairs.path, "--overwrite"])).code, 0);
  assert.deepEqual(JSON.parse(await readFile(join(pairs.path, "w.int8.json"), "utf8")).loss, {});

  const evaluated = await runCli([
    "evaluate",
    pairs.path,
    "--weights",
    file,
    "--precision",
    "int8",
    "--json",
  ]);
  assert.equal(evaluated.code, 0, evaluated.stderr);
});

Deno.test("calibrate: says what is missing", async () => {
  await using pairs = await withPairs(1);
  const file = join(pairs.path, "w.safetensors");
  await writeFile(file, serializeWeights(randomWeights(PRESETS["smoke-video"])));
  const said = async (...args: string[]) => (await runCli(["calibrate", ...args])).stderr;
  assert.match(await said(), /give a file of WEIGHTS/);
  assert.match(await said(file), /add --data DIR/);
  assert.match(await said(file, "--data", pairs.path, "--pictures", "0"), /--pictures/);
  assert.match(await said(file, "--data", pairs.path), /no picture has the neighbours/);
  assert.match((await runCli(["calibrate", "--help"])).stdout, /--validate DIR/);
});
