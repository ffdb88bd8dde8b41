/**
 * What making a training batch of preset fast costs: milliseconds of user CPU, once pictures are decoded. The hash tells whether a
 * change made other pictures.
 *
 * deno run --allow-read --allow-env --allow-sys --allow-ffi bench/make_batch.ts --photos DIR --pairs DIR [--batches 60] [--candidates N]
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { parseArgs } from "node:util";
import { trainConfig } from "../src/train/config.ts";
import { listPairs, readPair, readPicture } from "../src/train/data/pair_files.ts";
import { makeBatch } from "./make_batch.ts";
import { listPhotos } from "../src/train/synth/list_photos.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    photos: { type: "string" },
    pairs: { type: "string" },
    batches: { type: "string", default: "60" },
    candidates: { type: "string" },
  },
});
const { photos: folder, pairs: root } = values;
if (folder === undefined || root === undefined) throw new TypeError("wanted --photos DIR --pairs DIR");
const batches = Number(values.batches);
const config = {
  ...trainConfig("fast"),
  ...(values.candidates && { candidates: Number(values.candidates) }),
};

/** A few dozen pictures, as many as a processor's caches notice. */
const photos = await Promise.all(
  (await listPhotos(folder)).slice(0, 24).map((name) => readPicture(join(folder, name))),
);
const pairs = await Promise.all((await listPairs(root)).slice(0, 12).map((pair) => readPair(pair)));

const hash = createHash("sha256");
const make = async (first: number, isHashed: boolean) => {
  for (let step = first; step < first + batches; step++) {
    const { blurry, sharp } = await makeBatch({ photos, pairs }, config, 1, step);
    if (isHashed) hash.update(blurry).update(sharp);
  }
};
await make(batches, true); // the compiler's time, and the hash's
const before = cpuUsage();
await make(0, false);
const { user } = cpuUsage(before);
stdout.write(`${(user / 1000 / batches).toFixed(1)} ms a batch; ${hash.digest("hex").slice(0, 16)}\n`);
