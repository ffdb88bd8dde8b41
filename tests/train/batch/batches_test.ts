import assert from "node:assert/strict";
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Batch } from "../../../src/train/batch/batch.ts";
import { Batches, type BatchesOptions } from "../../../src/train/batch/batches.ts";
import type { TrainConfig } from "../../../src/train/config.ts";
import { listPairs } from "../../../src/train/data/pair_files.ts";
import { TINY, trainingFolder } from "../../helpers/tiny_training.ts";

const config: TrainConfig = { ...TINY, network: { ...TINY.network, frames: 3 }, pairShare: 0.5, crop: 32 };

/** A folder of data, and what makes batches of it in `samples` there. */
async function workplace() {
  const data = await trainingFolder();
  const material = {
    pairs: await listPairs(join(data.path, "pairs")),
    photos: ["1", "2"].map((name) => join(data.path, "photos", `${name}.png`)),
  };
  const directory = join(data.path, "samples");
  const base: BatchesOptions = { ...material, config, seed: 5, firstStep: 0, directory, workers: 1 };
  return {
    directory,
    photos: material.photos,
    options: (changes: Partial<BatchesOptions> = {}) => ({ ...base, ...changes }),
    /** The batches of `count` steps; the Workers end, the samples stay. */
    async take(count: number, changes: Partial<BatchesOptions> = {}): Promise<Batch[]> {
      await using batches = await Batches.open({ ...base, ...changes });
      const taken: Batch[] = [];
      for (let i = 0; i < count; i++) taken.push(await batches.next());
      return taken;
    },
    /** Numbers of the samples that lie in the folder. */
    async samples(): Promise<number[]> {
      const names = (await readdir(directory)).filter((name) => name.endsWith(".sample"));
      return names.map((name) => parseInt(name)).sort((a, b) => a - b);
    },
    path: (index: number) => join(directory, `${index}.sample`),
    [Symbol.asyncDispose]: () => data[Symbol.asyncDispose](),
  };
}

Deno.test("Batches are the same, however many Workers and however little memory there are", async () => {
  await using place = await workplace();
  const expected = await place.take(8);
  assert.equal(expected[0]?.blurry.length, config.batch * 32 * 32 * 3);
  assert.equal(expected[0]?.neighbours.length, 2);
  assert.equal(new Set(expected.map(({ blurry }) => blurry.join())).size, 8);
  for (const changes of [{ workers: 3, memory: 1 }, { workers: 2, ahead: 1 }]) {
    await rm(place.directory, { recursive: true });
    assert.deepEqual(await place.take(8, changes), expected);
  }
  await rm(place.directory, { recursive: true });
  assert.notDeepEqual(await place.take(8, { seed: 6 }), expected);
});

Deno.test("Batches of a resumed run are those of an uninterrupted one, with or without its samples", async () => {
  await using place = await workplace();
  const straight = await place.take(9);
  await rm(place.directory, { recursive: true });
  const first = await place.take(5);
  assert.deepEqual([...first, ...await place.take(4, { firstStep: 5 })], straight);
  await rm(place.directory, { recursive: true });
  assert.deepEqual(await place.take(4, { firstStep: 5, workers: 2 }), straight.slice(5));
});

Deno.test("Batches use existing samples, and make damaged ones again", async () => {
  await using place = await workplace();
  const expected = await place.take(6);
  const before = await readFile(place.path(3));
  const { mtimeMs } = await stat(place.path(4));
  await truncate(place.path(3), before.length - 7); // as a full disk or SIGKILL leaves it
  await writeFile(place.path(5), "");
  assert.deepEqual(await place.take(6), expected);
  assert.deepEqual(await readFile(place.path(3)), before);
  assert.equal((await stat(place.path(4))).mtimeMs, mtimeMs);
});

Deno.test("Batches delete samples that no step will use any more, and none that one will", async () => {
  await using place = await workplace();
  const quick = { ...config, network: TINY.network, batch: 1, sampleUses: 1, crop: 16 };
  await using batches = await Batches.open(place.options({ config: quick, ahead: 2 }));
  for (let step = 0; step < 150; step++) await batches.next();
  // 16 to begin with and one more a step, of which 128 stay; the last ones may still be in the making.
  const left = await place.samples();
  assert.equal(left[0], 16 + 150 - 128);
  assert.ok(left.length > 120 && left.every((index, i) => index === (left[0] ?? NaN) + i), `${left}`);
});

Deno.test("Batches leave their samples behind when they are disposed, and nothing when they are cleared", async () => {
  await using place = await workplace();
  await place.take(2);
  assert.ok((await place.samples()).length >= 16 * config.batch);
  await using batches = await Batches.open(place.options());
  await batches.next();
  await batches.clear();
  await assert.rejects(readdir(place.directory), { code: "ENOENT" });
});

Deno.test("Batches empty the folder for other data or settings, but not for those that do not change samples", async () => {
  await using place = await workplace();
  const open = async (changes?: Partial<BatchesOptions>) => void await place.take(0, changes);
  const mark = async () => await writeFile(place.path(999_999), "");
  const isKept = async () => (await place.samples()).includes(999_999);
  await open();
  await mark();
  const alike: Partial<TrainConfig> = {
    steps: 77,
    rate: 1e-5,
    batch: 3,
    colourShare: 0,
    missingShare: 1,
    sampleUses: 3,
  };
  await open({ config: { ...config, ...alike }, firstStep: 1 });
  assert.ok(await isKept());
  const { pairs, photos } = place.options();
  const others: readonly Partial<BatchesOptions>[] = [
    { seed: 6 },
    { photos: photos.slice(1) },
    { pairs: pairs.slice(1) },
    { config: { ...config, crop: 16 } },
    { config: { ...config, network: TINY.network } },
    { config: { ...config, softShare: 0.9 } },
    { config: { ...config, compressedShare: 0.9 } },
    { config: { ...config, cameraSpeed: 3 } },
    { config: { ...config, candidates: 2 } },
  ];
  for (const changes of others) {
    await open();
    await mark();
    await open(changes);
    assert.equal(await isKept(), false, JSON.stringify(Object.keys(changes)));
  }
});

Deno.test("Batches name a picture that is missing, and one that is damaged", async () => {
  await using place = await workplace();
  const [first = "", second = ""] = place.photos;
  const { size } = await stat(first);
  await truncate(first, size >> 1);
  {
    const photos = [first];
    await using batches = await Batches.open(place.options({ pairs: [], photos }));
    await assert.rejects(batches.next(), /Cannot make a training batch: .*photos.1\.png/);
  }
  await rm(second);
  await assert.rejects(Batches.open(place.options({ pairs: [], photos: [second] })), /photos.2\.png/);
});
