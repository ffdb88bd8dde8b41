import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { PictureCache } from "../../../src/train/data/picture_cache.ts";
import { RestoredSequence } from "../../../src/train/evaluate/restored_sequence.ts";
import { brighten, engineOf } from "../../helpers/fake_engine.ts";
import { PairFolder } from "../../helpers/pair_folder.ts";
import { noiseScene } from "../../helpers/noise_scene.ts";

Deno.test("RestoredSequence: each picture is restored once, and fused with those beside it for an engine of three frames only", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["1", "2", "3", "4", "5", "6", "7"]) {
    for (const kind of ["blur", "sharp"]) await folder.write(`S/${kind}/${name}.png`, noiseScene(32, 32));
  }
  const blurry = noiseScene(32, 32);
  const pairs = await listPairs(folder.path);
  for (const frames of [1, 3] as const) {
    let calls = 0;
    const engine = {
      ...engineOf((input) => Promise.resolve({ input, image: brighten(4 * ++calls)(input) })),
      frames,
    };
    const sequence = new RestoredSequence(engine, pairs, new PictureCache(2 ** 20));
    const changes: [number, number][] = [];
    for (const pair of pairs) {
      const [alone, fused] = [await sequence.restored(pair), await sequence.fused(pair)];
      changes.push([meanOf(alone.image) - meanOf(blurry), meanOf(fused.image) - meanOf(blurry)]);
    }
    assert.equal(calls, 7);
    assert.deepEqual(changes.map(([alone]) => Math.round(alone)), [4, 8, 12, 16, 20, 24, 28]);
    // Each is halfway between those beside it; the first and the last have only one.
    const isMoved = changes.map(([alone, fused]) => Math.abs(fused - alone) > 0.5);
    assert.deepEqual(isMoved, [frames === 3, false, false, false, false, false, frames === 3]);
  }
});

Deno.test("RestoredSequence: what is fused is restored as deblurStream does, with more detail; by itself with none added", async () => {
  await using folder = await PairFolder.create();
  for (const name of ["1", "2", "5"]) {
    for (const kind of ["blur", "sharp"]) await folder.write(`S/${kind}/${name}.png`, noiseScene(32, 32));
  }
  const engine = {
    ...engineOf((input, { detail = 1 }) => Promise.resolve({ input, image: brighten(10 * detail)(input) })),
    frames: 3,
  } as const;
  const pairs = await listPairs(folder.path);
  const sequence = new RestoredSequence(engine, pairs, new PictureCache(2 ** 20));
  const brightened = async (picture: Promise<Picture>) =>
    Math.round(meanOf(await picture) - meanOf(noiseScene(32, 32)));
  for (const [i, pair] of pairs.entries()) {
    const isLonely = i === 2;
    assert.equal(await brightened(sequence.fused(pair).then(({ image }) => image)), isLonely ? 10 : 12);
    assert.equal(await brightened(sequence.unfused(pair)), 10);
  }
});

function meanOf({ data }: Picture): number {
  return [...data].reduce((sum, value) => sum + value) / data.length;
}
