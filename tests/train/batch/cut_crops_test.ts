import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { createRandom } from "../../../src/train/random.ts";
import { turnedCrop } from "../../../src/train/batch/turned_crop.ts";

const SIZE = 16;

/** Samples that say where they are, in steps that leave room for what lies between. */
function ramp(width: number, height: number, less: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return ([2 * (pixel % width), 2 * Math.floor(pixel / width), 100][i % 3] as number) + 9 - less;
  });
  return { data, width, height };
}

Deno.test("turnedCrop turns by any angle and reduces to between 1/1.1 and 1/2.2, in every picture alike", () => {
  const pictures = [ramp(120, 100, 0), ramp(120, 100, 5)] as const;
  const random = createRandom("turned");
  const [angles, steps] = [new Set<number>(), [] as number[]];
  for (let i = 0; i < 60; i++) {
    const [first, second] = turnedCrop(pictures, SIZE, random) ?? assert.fail("too small");
    assert.ok(first?.every((value, i) => value - 5 === second?.[i]));
    const at = (x: number, y: number, c: number) => first?.[(y * SIZE + x) * 3 + c] ?? NaN;
    const last = SIZE - 1;
    const along = [0, 1].map((c) => (at(last, 0, c) - at(0, 0, c)) / 2 / last) as [number, number];
    const across = [0, 1].map((c) => (at(0, last, c) - at(0, 0, c)) / 2 / last) as [number, number];
    assert.ok(Math.hypot(along[0] + across[1] * -1, along[1] + across[0]) < 0.1, "a turn, no mirror");
    assert.ok(Math.abs(at(7, 9, 0) - (at(0, 0, 0) + 2 * (7 * along[0] + 9 * across[0]))) <= 2);
    assert.equal(at(3, 3, 2), 109);
    angles.add(Math.floor(Math.atan2(along[1], along[0]) / Math.PI * 4));
    steps.push(Math.hypot(...along));
  }
  assert.equal(angles.size, 8);
  assert.ok(Math.min(...steps) > 1.04 && Math.min(...steps) < 1.2, `${Math.min(...steps)}`);
  assert.ok(Math.max(...steps) < 2.26 && Math.max(...steps) > 2, `${Math.max(...steps)}`);
});

Deno.test("turnedCrop stays inside, and gives nothing where it does not fit", () => {
  // Outside the light part of the picture is a border of black, one pixel wide: nothing of it may be seen.
  const [width, height] = [41, 39];
  const data = new Uint8Array(3 * width * height).fill(200);
  const isLight = (i: number) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x > 0 && y > 0 && x < width - 1 && y < height - 1;
  };
  data.forEach((_, i) => data[i] = isLight(i) ? 200 : 0);
  const random = createRandom("inside");
  const picture = { data, width, height };
  const crops = Array.from({ length: 200 }, () => turnedCrop([picture, picture], SIZE, random)?.[0]);
  const fits = crops.filter((crop) => crop !== undefined);
  assert.ok(fits.length > 20 && fits.length < 180, `${fits.length}`);
  assert.ok(fits.every((crop) => crop.every((value) => value === 200)));
  assert.equal(turnedCrop([ramp(SIZE, SIZE, 0), ramp(SIZE, SIZE, 5)], SIZE, random), undefined);
});
