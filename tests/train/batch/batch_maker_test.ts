import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { BatchMaker } from "../../../src/train/batch/batch_maker.ts";
import { sampleSide } from "../../../src/train/batch/sample.ts";
import { sampleWindow } from "../../../src/train/batch/sample_window.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

async function material(directory: string) {
  const samples = join(directory, "samples");
  await mkdir(samples);
  return {
    pairs: await listPairs(join(directory, "pairs")),
    photos: [],
    config: TINY,
    seed: 1,
    side: sampleSide(TINY, 48),
    directory: samples,
    memory: 1e6,
  };
}

Deno.test("BatchMaker writes samples, and makes batches of them in its Worker", async () => {
  await using data = await trainingFolder();
  const made = await material(data.path);
  await using maker = new BatchMaker();
  await maker.open(made);
  const { begin, end } = sampleWindow(TINY, 0);
  for (let index = begin; index < end; index++) await maker.makeSample(index);
  assert.equal((await readdir(made.directory)).length, end - begin);
  const { blurry, sharp, neighbours } = await maker.makeBatch(0);
  assert.equal(blurry.length, TINY.batch * TINY.crop ** 2 * 3);
  assert.equal(sharp.length, blurry.length);
  assert.deepEqual(neighbours, []);
  assert.ok(blurry.every((value) => value >= 0 && value <= 1) && new Set(blurry).size > 10);
});

Deno.test("BatchMaker says that a batch could not be made, and why", async () => {
  await using data = await trainingFolder();
  await using maker = new BatchMaker();
  await assert.rejects(
    maker.makeBatch(0),
    /Cannot make a training batch: The Worker was called before it was opened/,
  );
  await maker.open(await material(data.path));
  await assert.rejects(
    maker.makeBatch(0),
    /Cannot make a training batch: .*\d+\.sample is missing or damaged/,
  );
});
