import assert from "node:assert/strict";
import { join } from "node:path";
import { rm } from "node:fs/promises";
import { Batches } from "../../../src/train/batch/batches.ts";
import { listPairs, readPair, readPicture } from "../../../src/train/data/pair_files.ts";
import { makeBatch } from "../../../bench/make_batch.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

const config = { ...TINY, pairShare: 0.5 };

Deno.test("Batches gives the batch of every step in order, however many Workers and however little memory there are", async () => {
  await using data = await trainingFolder();
  const pairs = await listPairs(join(data.path, "pairs"));
  const photos = ["1", "2"].map((name) => join(data.path, "photos", `${name}.png`));
  const pictures = {
    pairs: await Promise.all(pairs.map(readPair)),
    photos: await Promise.all(photos.map(readPicture)),
  };
  for (const { workers, memory } of [{ workers: 1, memory: 1e9 }, { workers: 3, memory: 1 }]) {
    await using batches = await Batches.open({
      pairs,
      photos,
      config,
      seed: 5,
      firstStep: 7,
      workers,
      memory,
    });
    for (let step = 7; step < 17; step++) {
      const { blurry, sharp } = await batches.next();
      assert.deepEqual({ blurry, sharp }, await makeBatch(pictures, config, 5, step));
    }
  }
});

Deno.test("Batches names a picture that has gone, in the step that wants it", async () => {
  await using data = await trainingFolder();
  const photos = [join(data.path, "photos/1.png")];
  await rm(photos[0] ?? "");
  await using batches = await Batches.open({ pairs: [], photos, config, seed: 5, firstStep: 0 });
  await assert.rejects(batches.next(), /Cannot make a training batch: .*photos.1\.png/);
});
