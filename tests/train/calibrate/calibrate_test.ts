import assert from "node:assert/strict";
import { PRESETS } from "../../../src/model/network/config.ts";
import { calibrate } from "../../../src/train/calibrate/calibrate.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { randomWeights } from "../../helpers/random_weights.ts";

Deno.test("calibrate: looks at as many pictures as asked for, spread over the pairs, and gives the same each time", async () => {
  await using folder = await PairFolder.create();
  for (let i = 0; i < 5; i++) {
    const picture = renderClouds({ width: 128, height: 96, x: 20 * i, y: 0 });
    await folder.write(`blur/${i}.png`, picture);
    await folder.write(`sharp/${i}.png`, picture);
  }
  const weights = randomWeights(PRESETS.smoke);
  const pairs = await listPairs(folder.path);
  const told: number[][] = [];
  const onPicture = (done: number, total: number) => told.push([done, total]);
  const first = await calibrate(weights, pairs, { pictures: 2, onPicture });
  assert.deepEqual(told, [[1, 2], [2, 2]]);
  assert.equal(first.weights, weights.sha256);
  assert.deepEqual(first.loss, {});
  assert.deepEqual(await calibrate(weights, pairs, { pictures: 2 }), first);
  assert.notDeepEqual((await calibrate(weights, pairs, { pictures: 5 })).ranges, first.ranges);
});

Deno.test("calibrate: stops with the signal's reason", async () => {
  await using folder = await PairFolder.create();
  await folder.write("blur/1.png", renderClouds({ width: 64, height: 64, x: 0, y: 0 }));
  await folder.write("sharp/1.png", renderClouds({ width: 64, height: 64, x: 0, y: 0 }));
  const pairs = await listPairs(folder.path);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(calibrate(randomWeights(PRESETS.smoke), pairs, { signal }), /enough/);
});
