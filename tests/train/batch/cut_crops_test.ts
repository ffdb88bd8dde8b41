import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { createRandom } from "../../../src/train/random.ts";
import { cutTurned, cutUpright } from "../../../src/train/batch/cut_crops.ts";

const SIZE = 16;

/** Samples that say where they are, in steps that leave room for what lies between. */
function ramp(width: number, height: number, less: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return ([2 * (pixel % width), 2 * Math.floor(pixel / width), 100][i % 3] as number) + 9 - less;
  });
  return { data, width, height };
}

/** Where a crop's place is in the ramp. */
function placeOf(crop: Uint8Array, side: number, x: number, y: number): [number, number] {
  const at = 3 * (y * side + x);
  return [((crop[at] ?? NaN) - 9) / 2, ((crop[at + 1] ?? NaN) - 9) / 2];
}

Deno.test("cutUpright cuts every picture at one place, whole or at half the size", () => {
  const pictures = [0, 3, 5, 9].map((less) => ramp(120, 100, less));
  const random = createRandom("upright");
  for (let i = 0; i < 60; i++) {
    for (const reduction of [1, 2] as const) {
      const [first = new Uint8Array(), ...others] = cutUpright(pictures, reduction, {
        size: SIZE,
        margin: 0,
        random,
      });
      others.forEach((crop, n) => {
        const less = [3, 5, 9][n] ?? NaN;
        assert.ok(crop.every((value, j) => value + less === first[j]));
      });
      const [left, top] = placeOf(first, SIZE, 0, 0);
      const last = SIZE - 1;
      assert.deepEqual(placeOf(first, SIZE, last, last), [left + reduction * last, top + reduction * last]);
      assert.ok(left >= 0 && top >= 0 && left + reduction * last <= 119 && top + reduction * last <= 99);
    }
  }
});

Deno.test("cutUpright adds a margin that may lie outside: the edge is repeated there", () => {
  const picture = ramp(20, 18, 0);
  const [margin, side] = [6, SIZE + 12];
  const random = createRandom("margin");
  for (let i = 0; i < 40; i++) {
    const [crop = new Uint8Array()] = cutUpright([picture], 1, { size: SIZE, margin, random });
    const [left, top] = placeOf(crop, side, margin, margin);
    assert.ok(left >= 0 && left <= 20 - SIZE && top >= 0 && top <= 18 - SIZE);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const inside = (place: number, most: number) => Math.max(0, Math.min(most, place));
        const expected = [inside(left + x - margin, 19), inside(top + y - margin, 17)];
        assert.deepEqual(placeOf(crop, side, x, y), expected);
      }
    }
  }
});

Deno.test("cutUpright at half the size takes means of 2 × 2 pixels, rounded", () => {
  const data = Uint8Array.from(
    { length: 3 * 32 * 32 },
    (_, i) => Math.floor(i / 3) % 2 + 2 * (Math.floor(i / 96) % 2),
  );
  const place = { size: SIZE, margin: 0, random: () => 0 };
  const [crop = new Uint8Array()] = cutUpright([{ data, width: 32, height: 32 }], 2, place);
  assert.ok(crop.every((value) => value === 2)); // of 0, 1, 2 and 3
});

Deno.test("cutTurned turns by any angle and reduces to between 1/1.1 and 1/2.2, in every picture alike", () => {
  const pictures = [ramp(120, 100, 0), ramp(120, 100, 5)] as const;
  const place = { size: SIZE, margin: 0, random: createRandom("turned") };
  const [angles, steps] = [new Set<number>(), [] as number[]];
  for (let i = 0; i < 60; i++) {
    const [first, second] = cutTurned(pictures, place) ?? assert.fail("too small");
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

Deno.test("cutTurned stays inside, and gives nothing where it does not fit", () => {
  // Outside the light part of the picture is a border of black, one pixel wide: nothing of it may be seen.
  const [width, height] = [41, 39];
  const data = new Uint8Array(3 * width * height).fill(200);
  const isLight = (i: number) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x > 0 && y > 0 && x < width - 1 && y < height - 1;
  };
  data.forEach((_, i) => data[i] = isLight(i) ? 200 : 0);
  const place = { size: SIZE, margin: 0, random: createRandom("inside") };
  const picture = { data, width, height };
  const crops = Array.from({ length: 200 }, () => cutTurned([picture, picture], place)?.[0]);
  const fits = crops.filter((crop) => crop !== undefined);
  assert.ok(fits.length > 20 && fits.length < 180, `${fits.length}`);
  assert.ok(fits.every((crop) => crop.every((value) => value === 200)));
  assert.equal(cutTurned([ramp(SIZE, SIZE, 0), ramp(SIZE, SIZE, 5)], place), undefined);
});

Deno.test("cutTurned adds a margin to the same square", () => {
  const picture = ramp(120, 100, 0);
  for (let i = 0; i < 20; i++) {
    const cut = (margin: number) =>
      cutTurned([picture], { size: SIZE, margin, random: createRandom("both", i) })?.[0];
    const [bare, wide] = [cut(0), cut(8)];
    if (bare === undefined || wide === undefined) assert.fail("there is room");
    assert.equal(wide.length, 3 * (SIZE + 16) ** 2);
    for (let y = 0; y < SIZE; y++) {
      const from = 3 * ((y + 8) * (SIZE + 16) + 8);
      const row = wide.subarray(from, from + 3 * SIZE);
      assert.ok(row.every((value, x) => Math.abs(value - (bare[3 * y * SIZE + x] ?? NaN)) <= 1));
    }
  }
});
