import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import {
  makeSample,
  type SampleConfig,
  type TrainingPictures,
} from "../../../src/train/batch/make_sample.ts";
import type { Sample } from "../../../src/train/batch/sample.ts";
import { noiseScene } from "../../helpers/noise_scene.ts";
import { flat } from "../../helpers/pair_folder.ts";
import { PLAIN_CROPS, TINY } from "../../helpers/tiny_training.ts";

const SIDE = 32;
const config = { ...TINY, ...PLAIN_CROPS };

/** Pictures of a pair of no sequence, and photos. */
function pictures(
  pairs: readonly (readonly [Picture, Picture])[],
  photos: readonly Picture[] = [],
): TrainingPictures {
  return {
    sequences: pairs.map(([blurry, sharp]) => [{ read: () => Promise.resolve({ blurry, sharp }) }]),
    photos: photos.map((photo) => () => Promise.resolve(photo)),
  };
}

/** A picture whose samples say where they are: two darker than that with `less` 0. */
function ramp(width: number, height: number, less = 0): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 2 + ([pixel % width, Math.floor(pixel / width), 200][i % 3] as number) - less;
  });
  return { data, width, height };
}

const ramps = pictures([[ramp(80, 70), ramp(80, 70, 2)]]);
const photos = pictures([], [noiseScene(150, 130)]);

function make(
  from: TrainingPictures,
  changes: Partial<SampleConfig>,
  index: number,
  seed = 1,
): Promise<Sample> {
  return makeSample(from, { ...config, ...changes }, { side: SIDE, seed, index });
}

/** The share of 200 samples that something is true of. */
async function share(
  from: TrainingPictures,
  changes: Partial<SampleConfig>,
  isSo: (sample: Sample) => boolean,
): Promise<number> {
  let count = 0;
  for (let index = 0; index < 200; index++) if (isSo(await make(from, changes, index))) count++;
  return count / 200;
}

/** Sample of a picture at a place. */
function at(bytes: Uint8Array, x: number, y: number, channel: number): number {
  return bytes[3 * (y * SIDE + x) + channel] ?? NaN;
}

/** How the place in the ramp changes over the sample: along a row and down a column, each right and down. */
function walk(bytes: Uint8Array): number[] {
  const last = SIDE - 1;
  return [[last, 0], [0, last]].flatMap(([x = 0, y = 0]) =>
    [0, 1].map((c) => at(bytes, x, y, c) - at(bytes, 0, 0, c))
  );
}

Deno.test("makeSample depends only on pictures, config, seed and index", async () => {
  const both = { ...ramps, photos: photos.photos };
  const { network } = { network: { ...TINY.network, frames: 3 } } as const;
  for (const from of [ramps, photos, both]) {
    for (const changes of [{ pairShare: 0.5 }, { pairShare: 0.5, softShare: 0.5, network }]) {
      const sample = await make(from, changes, 7);
      assert.deepEqual(await make(from, changes, 7), sample);
      assert.notDeepEqual(await make(from, changes, 8), sample);
      assert.notDeepEqual(await make(from, changes, 7, 2), sample);
    }
  }
});

Deno.test("makeSample gives squares of bytes, cut out of both pictures of a pair at one place, upright", async () => {
  for (let index = 0; index < 20; index++) {
    const { side, blurry, sharp, neighbours } = await make(ramps, {}, index);
    assert.deepEqual([side, blurry.length, sharp.length, neighbours], [
      SIDE,
      3 * SIDE ** 2,
      3 * SIDE ** 2,
      [],
    ]);
    assert.deepEqual(walk(blurry), [SIDE - 1, 0, 0, SIDE - 1]);
    assert.ok(sharp.every((value, i) => value === (blurry[i] ?? NaN) - 2));
  }
});

Deno.test("makeSample takes every place of a picture", async () => {
  const places = new Set<string>();
  for (let index = 0; index < 200; index++) {
    const { blurry } = await make(pictures([[ramp(35, 34), ramp(35, 34)]]), {}, index);
    places.add(`${at(blurry, 0, 0, 0)} ${at(blurry, 0, 0, 1)}`);
  }
  assert.equal(places.size, 4 * 3);
});

Deno.test("makeSample gives unblurredShare of the samples a sharp input", async () => {
  const isSharp = ({ blurry, sharp }: Sample) => blurry.every((value, i) => value === sharp[i]);
  for (const from of [ramps, photos]) {
    assert.equal(await share(from, { unblurredShare: 1 }, isSharp), 1);
    const some = await share(from, { unblurredShare: 0.25 }, isSharp);
    assert.ok(Math.abs(some - 0.25) < 0.08, `${some}`);
  }
  assert.equal(await share(ramps, { unblurredShare: 0 }, isSharp), 0);
});

Deno.test("makeSample takes pairShare of the samples from pairs, and pairs alone where there are no photos", async () => {
  const marked = { ...pictures([[flat(10, 64, 64), flat(20, 64, 64)]], [flat(200, 64, 64)]) };
  const isOfPair = ({ sharp }: Sample) => sharp[0] === 20;
  assert.equal(await share(marked, { pairShare: 1 }, isOfPair), 1);
  assert.equal(await share(marked, { pairShare: 0 }, isOfPair), 0);
  assert.equal(await share({ ...marked, photos: [] }, { pairShare: 0 }, isOfPair), 1);
  const some = await share(marked, { pairShare: 0.3 }, isOfPair);
  assert.ok(Math.abs(some - 0.3) < 0.09, `${some}`);
});

Deno.test("makeSample takes more of long sequences, but less than their length", async () => {
  const sequence = (value: number, length: number) =>
    Array.from({ length }, () => ({
      read: () => Promise.resolve({ blurry: flat(value, 40, 40), sharp: flat(value, 40, 40) }),
    }));
  const from = { sequences: [sequence(10, 16), sequence(20, 1)], photos: [] };
  const long = await share(from, {}, ({ sharp }) => sharp[0] === 10);
  assert.ok(Math.abs(long - 4 / 5) < 0.08, `${long}`); // √16 of √16 + √1, not 16 of 17
});

Deno.test("makeSample softens softShare of the samples, blurry and sharp alike", async () => {
  const board = (light: number): Picture => {
    const data = Uint8Array.from({ length: 3 * 50 * 50 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return (pixel + Math.floor(pixel / 50)) % 2 === 0 ? light : 255 - light;
    });
    return { data, width: 50, height: 50 };
  };
  const boards = pictures([[board(20), board(235)]]);
  const isSoft = ({ blurry, sharp }: Sample) => {
    assert.ok(blurry.every((value, i) => Math.abs(value + (sharp[i] ?? NaN) - 255) < 2));
    const row = sharp.subarray(3 * (8 * SIDE + 4), 3 * (8 * SIDE + 28));
    const contrast = Math.max(...row) - Math.min(...row);
    assert.ok(contrast < 150 || contrast === 215);
    return contrast < 150;
  };
  assert.equal(await share(boards, { softShare: 0 }, isSoft), 0);
  assert.equal(await share(boards, { softShare: 1 }, isSoft), 1);
  const some = await share(boards, { softShare: 0.3 }, isSoft);
  assert.ok(Math.abs(some - 0.3) < 0.09, `${some}`);
});

Deno.test("makeSample reduces pairs to means of 2 × 2 pixels, both alike, where reducedShare says so and they fit", async () => {
  const isReduced = ({ blurry, sharp }: Sample) => {
    assert.ok(sharp.every((value, i) => value === (blurry[i] ?? NaN) - 2));
    return walk(blurry)[0] === 2 * (SIDE - 1);
  };
  assert.equal(await share(ramps, { reducedShare: 0 }, isReduced), 0);
  assert.equal(await share(ramps, { reducedShare: 1 }, isReduced), 1);
  assert.equal(await share(pictures([[ramp(80, 63), ramp(80, 63, 2)]]), { reducedShare: 1 }, isReduced), 0);
});

Deno.test("makeSample turns turnedShare of the samples of pairs, where they fit, both pictures alike", async () => {
  const isTurned = ({ blurry, sharp }: Sample) => {
    // Outside of the ramp its edge goes on: both pictures are as far apart there as anywhere.
    assert.ok(sharp.every((value, i) => Math.abs((blurry[i] ?? NaN) - 2 - value) <= 1));
    return walk(blurry).join() !== [SIDE - 1, 0, 0, SIDE - 1].join();
  };
  assert.equal(await share(ramps, { turnedShare: 0 }, isTurned), 0);
  assert.ok(await share(ramps, { turnedShare: 1 }, isTurned) > 0.5);
  const small = pictures([[ramp(36, 36), ramp(36, 36, 2)]]);
  assert.equal(await share(small, { turnedShare: 1 }, isTurned), 0);
});

Deno.test("makeSample compresses the exposures of compressedShare as JPEG, and never the target", async () => {
  const { sequences } = pictures([[noiseScene(60, 60, 1), noiseScene(60, 60, 2)]]);
  const from = { sequences, photos: [] };
  let changed = 0;
  for (let index = 0; index < 20; index++) {
    const [plain, compressed] = [
      await make(from, {}, index),
      await make(from, { compressedShare: 1 }, index),
    ];
    assert.deepEqual(compressed.sharp, plain.sharp);
    const errors = compressed.blurry.map((value, i) => Math.abs(value - (plain.blurry[i] ?? NaN)));
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    if (mean > 0) changed++;
    assert.ok(mean < 8, `JPEG of quality 60 or more leaves the picture what it is: ${mean}`);
  }
  assert.equal(changed, 20);
});

Deno.test("makeSample keeps the blurriest of several candidates", async () => {
  const error = async (candidates: number) => {
    let sum = 0;
    for (let index = 0; index < 60; index++) {
      const { blurry, sharp } = await make(photos, { candidates }, index);
      blurry.forEach((value, i) => sum += (value - (sharp[i] ?? NaN)) ** 2);
    }
    return sum;
  };
  assert.ok(await error(4) > 1.3 * await error(1));
});
