/**
 * Measures the cost of training data: milliseconds of processor time for a sample (see `src/train/batch/sample.ts`) of pairs and of photos, with
 * decoded pictures, for reading samples and assembling a batch of them, and for each crop, whose sample is used several times. The hash shows whether a
 * change of the program changes the samples.
 *
 * deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi bench/make_samples.ts --photos DIR --pairs DIR
 *     [--preset fast-video] [--samples 60]
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { parseArgs } from "node:util";
import { isPreset } from "../src/model/network/config.ts";
import { assembleBatch } from "../src/train/batch/assemble_batch.ts";
import { makeSample } from "../src/train/batch/make_sample.ts";
import {
  decodeSample,
  encodeSample,
  type Sample,
  samplePath,
  sampleSide,
} from "../src/train/batch/sample.ts";
import { trainConfig } from "../src/train/config.ts";
import { listPairs } from "../src/train/data/pair_files.ts";
import { PictureCache } from "../src/train/data/picture_cache.ts";
import { sequencesOf } from "../src/train/data/sequence_pairs.ts";
import { createRandom } from "../src/train/random.ts";
import { listPhotos } from "../src/train/data/photo_folder.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    photos: { type: "string" },
    pairs: { type: "string" },
    preset: { type: "string", default: "fast-video" },
    samples: { type: "string", default: "60" },
  },
});
const { photos: folder, pairs: root, preset } = values;
if (folder === undefined || root === undefined) {
  throw new TypeError("Flags are missing: give --photos DIR --pairs DIR");
}
if (!isPreset(preset)) throw new TypeError(`There is no preset "${preset}"`);
const config = trainConfig(preset);
const count = Number(values.samples);

const cache = new PictureCache(Infinity);
/** A few dozen pictures, more than fit in the caches of a processor. */
const pairs = (await listPairs(root)).slice(0, 24);
const photos = (await listPhotos(folder)).slice(0, 24).map((name) => join(folder, name));
for (const path of [...photos, ...pairs.flatMap(({ blurry, sharp }) => [blurry, sharp])]) {
  await cache.get(path);
}
const read = (path: string) => cache.get(path);
const pictures = { sequences: sequencesOf(pairs, read), photos: photos.map((path) => () => read(path)) };
const sizes = await Promise.all([...photos, ...pairs.map(({ sharp }) => sharp)].map(read));
const side = sampleSide(config, Math.min(...sizes.flatMap(({ width, height }) => [width, height])));

/** Mean processor time of `work` in milliseconds, after it has been compiled. */
async function timed(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < times; i++) await work(i);
  const before = cpuUsage();
  for (let i = 0; i < times; i++) await work(i);
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000 / times;
}

const hash = createHash("sha256");
const costs: Record<"pair" | "photo", number> = { pair: NaN, photo: NaN };
for (const [kind, pairShare] of [["pair", 1], ["photo", 0]] as const) {
  const make = (index: number) => makeSample(pictures, { ...config, pairShare }, { side, seed: 1, index });
  costs[kind] = await timed(count, make);
  for (let index = 0; index < count; index++) hash.update(encodeSample(await make(index)));
}

const directory = await mkdtemp(join(tmpdir(), "bench-samples-"));
let assembling: number;
try {
  for (let index = 0; index < count; index++) {
    const sample = await makeSample(pictures, config, { side, seed: 1, index });
    await writeFile(samplePath(directory, index), encodeSample(sample));
  }
  assembling = await timed(count, async (step) => {
    const random = createRandom(1, "batch", step);
    const samples: Sample[] = [];
    for (let i = 0; i < config.batch; i++) {
      const bytes = await readFile(samplePath(directory, Math.floor(count * random())));
      const sample = decodeSample(new Uint8Array(bytes.buffer), side, config.network.frames - 1);
      if (sample !== undefined) samples.push(sample);
    }
    assembleBatch(samples, config, random);
  });
} finally {
  await rm(directory, { recursive: true });
}

const mixed = config.pairShare * costs.pair + (1 - config.pairShare) * costs.photo;
const crop = mixed / config.sampleUses + assembling / config.batch;
stdout.write(
  `preset ${preset}, samples of ${side} pixels, each used ${config.sampleUses} times: \
${costs.pair.toFixed(1)} ms from a pair, ${costs.photo.toFixed(1)} from a photo; \
${assembling.toFixed(1)} ms to assemble a batch of ${config.batch}; \
${crop.toFixed(2)} ms per crop; ${hash.digest("hex").slice(0, 16)}\n`,
);
