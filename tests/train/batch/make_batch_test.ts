import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { makeBatch } from "../../../bench/make_batch.ts";
import { PLAIN_CROPS, TINY } from "../../helpers/tiny_training.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

/** A picture whose samples say where they are, and a twin that is 1 darker everywhere. */
function ramp(width: number, height: number, less: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 200][i % 3] as number - less;
  });
  return { data, width, height };
}

const ramps = { pairs: [{ blurry: ramp(60, 50, 0), sharp: ramp(60, 50, 1) }], photos: [] };
ramps.pairs[0]?.sharp.data.forEach((value, i, data) => data[i] = value === 255 ? 0 : value);
const config = { ...TINY, ...PLAIN_CROPS, batch: 16, candidates: 1 };
const photos = { pairs: [], photos: [renderScene()] };

Deno.test("makeBatch is decided by pictures, seed and step alone", async () => {
  for (const pictures of [ramps, photos, { ...ramps, photos: photos.photos }]) {
    const batch = await makeBatch(pictures, config, 1, 7);
    assert.deepEqual(await makeBatch(pictures, config, 1, 7), batch);
    assert.notDeepEqual(await makeBatch(pictures, config, 1, 8), batch);
    assert.notDeepEqual(await makeBatch(pictures, config, 2, 7), batch);
  }
});

Deno.test("makeBatch gives crop² samples of 0 … 1 for each crop", async () => {
  const { blurry, sharp } = await makeBatch(photos, config, 1, 0);
  assert.deepEqual([blurry.length, sharp.length], [16 * 16 * 16 * 3, 16 * 16 * 16 * 3]);
  for (const values of [blurry, sharp]) {
    assert.ok(values.every((value) => value >= 0 && value <= 1));
    assert.ok(Math.max(...values) > 0.5 && Math.min(...values) < 0.4);
  }
});

Deno.test("makeBatch turns both pictures of a pair alike, in all eight ways, and never mixes places", async () => {
  const { blurry, sharp } = await makeBatch(ramps, config, 1, 0);
  const samples = 16 * 16 * 3;
  const ways = new Set<string>();
  for (let crop = 0; crop < 16; crop++) {
    const at = (values: Float32Array, x: number, y: number, c: number) =>
      Math.round(255 * (values[crop * samples + (y * 16 + x) * 3 + c] ?? NaN));
    for (const [x, y] of [[0, 0], [15, 0], [3, 9], [15, 15]] as const) {
      for (const c of [0, 1]) {
        const expected = at(blurry, x, y, c) - 1;
        assert.equal(at(sharp, x, y, c), expected < 0 ? 0 : expected);
      }
    }
    // How the picture's own x and y change along a row and down a column of the crop.
    const steps = [[1, 0], [0, 1]].map(([x = 0, y = 0]) =>
      [0, 1].map((c) => at(blurry, x, y, c) - at(blurry, 0, 0, c))
    );
    assert.equal(steps.flat().filter((step) => Math.abs(step) === 1).length, 2, `${steps}`);
    ways.add(String(steps));
  }
  const many = await Promise.all(Array.from({ length: 20 }, (_, step) => makeBatch(ramps, config, 1, step)));
  for (const { blurry } of many) {
    for (let crop = 0; crop < 16; crop++) {
      const at = (x: number, y: number, c: number) =>
        Math.round(255 * (blurry[crop * samples + (y * 16 + x) * 3 + c] ?? NaN));
      const steps = [[1, 0], [0, 1]].map(([x = 0, y = 0]) => [0, 1].map((c) => at(x, y, c) - at(0, 0, c)));
      ways.add(String(steps));
    }
  }
  assert.equal(ways.size, 8);
});

Deno.test("makeBatch hands unblurredShare of the crops over sharp", async () => {
  const share = async (unblurredShare: number) => {
    let same = 0;
    for (let step = 0; step < 25; step++) {
      const { blurry, sharp } = await makeBatch(ramps, { ...config, unblurredShare }, 1, step);
      for (let crop = 0; crop < 16; crop++) {
        const part = (values: Float32Array) => values.subarray(crop * 768, (crop + 1) * 768);
        if (part(blurry).every((value, i) => value === part(sharp)[i])) same++;
      }
    }
    return same / 400;
  };
  assert.equal(await share(0), 0);
  assert.equal(await share(1), 1);
  assert.ok(Math.abs(await share(0.25) - 0.25) < 0.06, `${await share(0.25)}`);
});

Deno.test("makeBatch takes pairShare of the crops from pairs, and pairs alone where there are no photos", async () => {
  const marked = (value: number): Picture => ({
    data: new Uint8Array(3 * 64 * 64).fill(value),
    width: 64,
    height: 64,
  });
  const pictures = { pairs: [{ blurry: marked(10), sharp: marked(20) }], photos: [marked(200)] };
  const fromPairs = async (pairShare: number, photos = pictures.photos) => {
    let count = 0;
    for (let step = 0; step < 25; step++) {
      const { sharp } = await makeBatch({ ...pictures, photos }, { ...config, pairShare }, 1, step);
      for (let crop = 0; crop < 16; crop++) if (Math.round(255 * (sharp[crop * 768] ?? NaN)) === 20) count++;
    }
    return count / 400;
  };
  assert.equal(await fromPairs(1), 1);
  assert.equal(await fromPairs(0), 0);
  assert.equal(await fromPairs(0, []), 1);
  assert.ok(Math.abs(await fromPairs(0.3) - 0.3) < 0.07, `${await fromPairs(0.3)}`);
});

Deno.test("makeBatch softens softShare of the crops, blurry and sharp alike", async () => {
  const board = (light: number): Picture => {
    const data = Uint8Array.from({ length: 3 * 40 * 40 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return (pixel + Math.floor(pixel / 40)) % 2 === 0 ? light : 255 - light;
    });
    return { data, width: 40, height: 40 };
  };
  const boards = { pairs: [{ blurry: board(20), sharp: board(235) }], photos: [] };
  const softened = async (softShare: number) => {
    let count = 0;
    for (let step = 0; step < 10; step++) {
      const { blurry, sharp } = await makeBatch(boards, { ...config, softShare }, 1, step);
      assert.ok(blurry.every((value, i) => Math.abs(value + (sharp[i] ?? NaN) - 1) < 1.5 / 255));
      for (let crop = 0; crop < 16; crop++) {
        const inner = sharp.subarray(crop * 768 + 8 * 48 + 12, crop * 768 + 8 * 48 + 36); // amid row 8
        const contrast = Math.max(...inner) - Math.min(...inner);
        if (contrast < 0.6) count++;
        else assert.ok(contrast > 0.84);
      }
    }
    return count / 160;
  };
  assert.equal(await softened(0), 0);
  assert.equal(await softened(1), 1);
  const some = await softened(0.3);
  assert.ok(some > 0.15 && some < 0.45, `${some}`);
});

Deno.test("makeBatch reduces pairs to means of 2 × 2 pixels, both alike, where reducedShare says so", async () => {
  const { blurry } = await makeBatch(ramps, { ...config, reducedShare: 1 }, 1, 0);
  const at = (x: number, y: number, c: number) => Math.round(255 * (blurry[(y * 16 + x) * 3 + c] ?? NaN));
  const steps = [[1, 0], [0, 1]].flatMap(([x = 0, y = 0]) =>
    [0, 1].map((c) => Math.abs(at(x, y, c) - at(0, 0, c)))
  );
  assert.deepEqual(steps.sort(), [0, 0, 2, 2]);
});

Deno.test("makeBatch turns turnedShare of the pair crops, where they fit, both pictures alike", async () => {
  const turned = async (turnedShare: number, pictures = ramps) => {
    const { blurry, sharp } = await makeBatch(pictures, { ...config, turnedShare }, 1, 0);
    let count = 0;
    for (let crop = 0; crop < 16; crop++) {
      const at = (values: Float32Array, x: number, c: number) =>
        Math.round(255 * (values[crop * 768 + x * 3 + c] ?? NaN));
      for (const c of [0, 1]) assert.ok(at(blurry, 8, c) - at(sharp, 8, c) <= 1);
      const steps = [0, 1].map((c) => Math.abs(at(blurry, 15, c) - at(blurry, 0, c)));
      if (steps.sort((a, b) => a - b).join() !== "0,15") count++;
    }
    return count;
  };
  assert.equal(await turned(0), 0);
  assert.ok(await turned(1) > 8);
  const small = { pairs: [{ blurry: ramp(18, 18, 0), sharp: ramp(18, 18, 0) }], photos: [] };
  assert.equal(await turned(1, small), 0);
});

Deno.test("makeBatch gives colourShare of the crops other colours, blurry and sharp alike", async () => {
  const recoloured = async (colourShare: number) => {
    let count = 0;
    for (let step = 0; step < 10; step++) {
      const { blurry, sharp } = await makeBatch(ramps, { ...config, colourShare }, 1, step);
      for (let crop = 0; crop < 16; crop++) {
        const blue = blurry[crop * 768 + 2] ?? NaN;
        if (Math.abs(blue - 200 / 255) > 1e-6) count++;
        for (let i = 0; i < 768; i++) {
          const [before, after] = [blurry[crop * 768 + i] ?? NaN, sharp[crop * 768 + i] ?? NaN];
          assert.ok(after <= before && before - after < 1.01 / 255);
        }
      }
    }
    return count / 160;
  };
  assert.equal(await recoloured(0), 0);
  assert.ok(await recoloured(1) > 0.97);
  const some = await recoloured(0.4);
  assert.ok(some > 0.25 && some < 0.55, `${some}`);
});

Deno.test("makeBatch keeps the most blurred of some candidates", async () => {
  const error = async (candidates: number) => {
    let sum = 0;
    for (let step = 0; step < 10; step++) {
      const { blurry, sharp } = await makeBatch(photos, { ...config, candidates }, 1, step);
      blurry.forEach((value, i) => sum += (value - (sharp[i] ?? NaN)) ** 2);
    }
    return sum;
  };
  assert.ok(await error(4) > 1.3 * await error(1));
});
