import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { createRandom, normal } from "../../../src/train/random.ts";
import { noiseOf, sharpnessOf } from "../../../src/train/tune/sharpness.ts";
import { renderClouds } from "../../helpers/clouds.ts";

const SIZE = { width: 96, height: 64 };

function deep(picture: Picture): Picture {
  return { ...picture, data: Uint16Array.from(picture.data, (value) => 257 * value) };
}

Deno.test("sharpnessOf: less of a blurred picture, the same of 16 bits, none of an even one", () => {
  const sharp = renderClouds(SIZE);
  const moved = [-4, -2, 0, 2, 4].map((x) => renderClouds({ ...SIZE, x }).data);
  const blurry = {
    ...SIZE,
    data: sharp.data.map((_, i) => moved.reduce((sum, data) => sum + (data[i] ?? 0), 0) / 5),
  };
  assert.ok(sharpnessOf(blurry as Picture) < 0.9 * sharpnessOf(sharp));
  assert.ok(Math.abs(sharpnessOf(deep(sharp)) - sharpnessOf(sharp)) < 1e-9);
  assert.equal(sharpnessOf({ ...SIZE, data: new Uint8Array(3 * 96 * 64).fill(9) }), 0);
  assert.equal(sharpnessOf({ width: 1, height: 1, data: new Uint8Array(3) }), 0);
});

Deno.test("noiseOf: the standard deviation that was added, where there is something even", () => {
  for (const sigma of [0, 2, 5]) {
    const random = createRandom("noise", sigma);
    const grey = new Uint8Array(3 * 96 * 64).map((_, i) => {
      const column = Math.floor(i / 3) % 96;
      return (column < 72 ? 120 : 40 * (column % 5)) + sigma * normal(random);
    });
    const picture = { ...SIZE, data: grey };
    assert.ok(Math.abs(noiseOf(picture) - sigma) < 0.25 * sigma + 0.01, `${noiseOf(picture)} of ${sigma}`);
    assert.ok(Math.abs(noiseOf(deep(picture)) - noiseOf(picture)) < 1e-6);
  }
  assert.equal(noiseOf({ width: 4, height: 4, data: new Uint8Array(48) }), 0);
});
