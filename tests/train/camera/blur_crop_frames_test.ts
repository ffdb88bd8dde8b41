import assert from "node:assert/strict";
import { blurCrop, type BlurCropOptions } from "../../../src/train/camera/blur_crop.ts";
import { createRandom } from "../../../src/train/random.ts";
import { meanDifference, noiseScene } from "../../helpers/noise_scene.ts";

const SIZE = 64;
const PHOTO = noiseScene(200, 180);
const PLAIN = {
  size: SIZE,
  frames: 3,
  noiseShare: 0,
  objectShare: 0,
  reducedShare: 0,
  linearShare: 0,
} as const;

function three(key: number, changes: Partial<BlurCropOptions> = {}) {
  const { sharp, exposures } = blurCrop(PHOTO, { ...PLAIN, random: createRandom("three", key), ...changes });
  const [before, here, after, ...more] = exposures;
  if (before === undefined || here === undefined || after === undefined || more.length > 0) {
    assert.fail("there are three exposures");
  }
  return { sharp, before, here, after };
}

/** How far `other` lies from `crop`, whole pixels, by trying them all. */
function shiftBetween(crop: Uint8Array, other: Uint8Array, most: number): [number, number] {
  let [best, least] = [[NaN, NaN] as [number, number], Infinity];
  for (let dy = -most; dy <= most; dy++) {
    for (let dx = -most; dx <= most; dx++) {
      let sum = 0;
      for (let y = most; y < SIZE - most; y += 2) {
        for (let x = most; x < SIZE - most; x += 2) {
          sum += Math.abs((crop[3 * (y * SIZE + x)] ?? NaN) - (other[3 * ((y + dy) * SIZE + x + dx)] ?? NaN));
        }
      }
      if (sum < least) [best, least] = [[dx, dy], sum];
    }
  }
  return best;
}

Deno.test("blurCrop of three frames is one path: the frame before lies as far back as the one after lies on", () => {
  let straight = 0;
  for (let key = 0; key < 20; key++) {
    const { here, before, after } = three(key, { speed: 6, sharpOnly: true });
    const [back, on] = [shiftBetween(here, before, 12), shiftBetween(here, after, 12)];
    const ways = [Math.hypot(...back), Math.hypot(...on)];
    // A hand's tremor may take one of them somewhere else.
    if (Math.hypot(back[0] + on[0], back[1] + on[1]) < 4 && ways.every((way) => way > 3 && way < 9)) {
      straight++;
    }
  }
  assert.ok(straight >= 10, `${straight} of 20`);
});

Deno.test("blurCrop of three frames: the sharp picture is the middle of the middle exposure", () => {
  for (let key = 0; key < 10; key++) {
    const { sharp, here, before, after } = three(key, { speed: 8 });
    const error = meanDifference(here, sharp);
    assert.ok(error < meanDifference(before, sharp) && error < meanDifference(after, sharp));
    const still = three(key, { speed: 8, sharpOnly: true });
    assert.deepEqual([still.here, still.sharp], [sharp, sharp]);
  }
});

Deno.test("blurCrop of three frames at rest gives the same picture three times, and noise of its own to each", () => {
  const still = three(1, { speed: 0 });
  for (const picture of [still.before, still.here, still.after]) assert.deepEqual(picture, still.sharp);
  const noisy = three(2, { speed: 0, noiseShare: 1 });
  for (const [a, b] of [[noisy.before, noisy.here], [noisy.here, noisy.after]] as const) {
    assert.ok(meanDifference(a, b) > 0.3);
  }
});

Deno.test("blurCrop of one frame is blurred as the middle one of three", () => {
  let [one, middle] = [0, 0];
  for (let key = 0; key < 60; key++) {
    const { here, sharp } = three(key);
    middle += meanDifference(here, sharp);
    const alone = blurCrop(PHOTO, { ...PLAIN, frames: 1, random: createRandom("three", key) });
    assert.equal(alone.exposures.length, 1);
    one += meanDifference(alone.exposures[0] ?? [], alone.sharp);
  }
  assert.ok(Math.abs(one / middle - 1) < 0.15, `${one} and ${middle}`); // of other places, by the same movement
});

Deno.test("blurCrop adds a margin of the scene around the same crop, and repeats the photo's edge where there is no more", () => {
  for (const [width, height] of [[200, 180], [SIZE + 9, SIZE]] as const) {
    const photo = noiseScene(width, height, 3);
    for (let key = 0; key < 6; key++) {
      const margin = 24;
      const options = { ...PLAIN, margin, speed: 5, random: createRandom("margin", key) };
      const { sharp, exposures } = blurCrop(photo, options);
      const side = SIZE + 2 * margin;
      for (const picture of [sharp, ...exposures]) assert.equal(picture.length, 3 * side ** 2);
      const at = (x: number, y: number) =>
        [...sharp.subarray(3 * (y * side + x), 3 * (y * side + x) + 3)].join();
      const here: string[] = [];
      for (let y = 0; y < SIZE; y += 7) {
        for (let x = 0; x < SIZE; x += 7) here.push(at(margin + x, margin + y));
      }
      const found = placesOf(here, photo);
      assert.ok(found.length === 1, `the crop is the photo's pixels, at one place: ${found.length}`);
      const [left, top] = found[0] ?? [NaN, NaN];
      for (const [x, y] of [[0, 0], [side - 1, 3], [5, side - 1], [side - 1, side - 1]] as const) {
        const from = (place: number, most: number) => Math.max(0, Math.min(most - 1, place - margin));
        const pixel = 3 * (from(top + y, height) * width + from(left + x, width));
        assert.equal(at(x, y), [...photo.data.subarray(pixel, pixel + 3)].join(), `${x}, ${y}`);
      }
    }
  }
});

/** Where in a photo the pixels at every seventh place of a crop lie. */
function placesOf(pixels: readonly string[], { data, width, height }: typeof PHOTO): [number, number][] {
  const across = Math.ceil(SIZE / 7);
  const found: [number, number][] = [];
  for (let top = 0; top <= height - SIZE; top++) {
    for (let left = 0; left <= width - SIZE; left++) {
      const isHere = pixels.every((pixel, i) => {
        const at = 3 * ((top + 7 * Math.floor(i / across)) * width + left + 7 * (i % across));
        return pixel === `${data[at]},${data[at + 1]},${data[at + 2]}`;
      });
      if (isHere) found.push([left, top]);
    }
  }
  return found;
}
