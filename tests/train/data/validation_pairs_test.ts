import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { findTrainingData } from "../../../src/train/data/training_data.ts";
import { findValidationPairs } from "../../../src/train/data/validation_pairs.ts";
import { flat, PairFolder } from "../../helpers/pair_folder.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

const { network } = TINY;

Deno.test("findValidationPairs refuses a copy of training data, under any name, and names both files", async () => {
  await using training = await trainingFolder();
  await using validation = await trainingFolder(500);
  const framesDirectory = join(training.path, "frames");
  const data = await findTrainingData([training.path], { crop: 16, framesDirectory });
  const pairs = join(validation.path, "pairs");
  assert.equal((await findValidationPairs(pairs, { network, data })).length, 2);
  for (
    const [from, to] of [["photos/1", "sharp/2"], ["pairs/sharp/2", "sharp/1"], ["pairs/blur/1", "blur/2"]]
  ) {
    const [path, copy] = [join(training.path, `${from}.png`), join(pairs, `${to}.png`)];
    const kept = `${copy}.kept`;
    await cp(copy, kept);
    await cp(path, copy);
    await assert.rejects(findValidationPairs(pairs, { network, data }), {
      name: "MediaError",
      message: `${copy}: It is in the training data too, as ${path}. ` +
        "Validate on other pictures, or exclude it from training",
    });
    await cp(kept, copy);
    await rm(kept);
  }
  assert.equal((await findValidationPairs(pairs, { network, data })).length, 2);
});

Deno.test("findValidationPairs accepts pictures that are excluded from training", async () => {
  await using folder = await trainingFolder();
  const pairs = join(folder.path, "pairs");
  const exclude = ["1", "2"].map((name) => join(pairs, `sharp/${name}.png`));
  const data = await findTrainingData([folder.path], {
    crop: 16,
    framesDirectory: join(folder.path, "frames"),
    exclude,
  });
  assert.equal((await findValidationPairs(pairs, { network, data })).length, 2);
});

Deno.test("findValidationPairs names a picture that is too small for the network", async () => {
  await using folder = await PairFolder.create();
  for (const kind of ["blur", "sharp"]) await folder.write(`${kind}/1.png`, flat(9, 40, 4));
  await assert.rejects(findValidationPairs(folder.path, { network, data: { paths: new Map() } }), {
    name: "MediaError",
    path: join(folder.path, "sharp/1.png"),
    message: /It is 40 x 4\. The network needs at least \d+ x \d+/,
  });
});
