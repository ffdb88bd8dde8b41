import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { blurCrop, type BlurredCrop } from "../../../src/train/camera/blur_crop.ts";
import { createRandom } from "../../../src/train/random.ts";

const PHOTO = photo(150, 130, createRandom("photo"));
const PLAIN = { noiseShare: 0, objectShare: 0, reducedShare: 0 };

function photo(width: number, height: number, random: () => number): Picture {
  return { data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256), width, height };
}

/** The only exposure of a crop of one frame. */
function exposure({ exposures }: BlurredCrop): Uint8Array {
  const [only, ...others] = exposures;
  if (only === undefined || others.length > 0) assert.fail("there is one exposure");
  return only;
}

/** Where `crop` (of side `size`) lies in the photo, or nothing. */
function find(crop: Uint8Array, size: number, { data, width, height }: Picture): string | undefined {
  for (let top = 0; top <= height - size; top++) {
    for (let left = 0; left <= width - size; left++) {
      let same = true;
      for (let y = 0; same && y < size; y++) {
        const from = ((top + y) * width + left) * 3;
        for (let i = 0; same && i < size * 3; i++) same = data[from + i] === crop[y * size * 3 + i];
      }
      if (same) return `${left}, ${top}`;
    }
  }
  return undefined;
}

Deno.test("blurCrop's sharp picture is exactly the photo's pixels, plain and in linear light", () => {
  for (const linearShare of [0, 1]) {
    for (let i = 0; i < 6; i++) {
      const { sharp } = blurCrop(PHOTO, {
        ...PLAIN,
        size: 48,
        random: createRandom("whole", i),
        linearShare,
      });
      // Brightest bytes may be clipped by the virtual sensor; a photo without them shows the place.
      const dark = {
        ...PHOTO,
        data: PHOTO.data.map((byte) => Math.min(byte, 240)) as Uint8Array<ArrayBuffer>,
      };
      const fromDark = blurCrop(dark, { ...PLAIN, size: 48, random: createRandom("whole", i), linearShare });
      assert.notEqual(find(fromDark.sharp, 48, dark), undefined);
      assert.equal(sharp.length, 48 * 48 * 3);
    }
  }
});

Deno.test("blurCrop's camera is as fast as meanSpeed says, and its sharp picture stays the photo's pixels", () => {
  const dark = { ...PHOTO, data: PHOTO.data.map((byte) => byte >> 1) };
  const trail = (meanSpeed: number) => {
    // A bright dot amid the dark: its trail is as long as the path, and bright enough to be seen in linear light.
    const data = new Uint8Array(3 * 151 * 151);
    data.fill(255, (75 * 151 + 75) * 3, (75 * 151 + 75) * 3 + 3);
    let length = 0;
    for (let i = 0; i < 150; i++) {
      const options = { ...PLAIN, size: 151, linearShare: 1, random: createRandom("trail", i), meanSpeed };
      const blurry = exposure(blurCrop({ data, width: 151, height: 151 }, options));
      const lit = Array.from({ length: 151 * 151 }, (_, at) => at).filter((at) => (blurry[3 * at] ?? 0) > 2);
      const side = (places: readonly number[]) => Math.max(...places) - Math.min(...places);
      length += Math.hypot(side(lit.map((at) => at % 151)), side(lit.map((at) => Math.floor(at / 151))));
    }
    return length / 150;
  };
  const longer = (trail(27) - trail(9)) / 18; // what the dot itself is wide does not count
  // The exposure lasts 0.4 to 1 of the time from frame to frame, about three quarters of it on average; hands tremble to and fro.
  assert.ok(longer > 0.55 && longer < 0.9, `${longer} pixels for each pixel of speed`);
  for (const meanSpeed of [5, 30]) {
    const options = { ...PLAIN, size: 48, random: createRandom("far"), meanSpeed };
    assert.notEqual(find(blurCrop(dark, options).sharp, 48, dark), undefined);
  }
});

Deno.test("blurCrop with speed 0 blurs nothing, reduced photos included", () => {
  for (let i = 0; i < 20; i++) {
    const options = {
      size: 40,
      random: createRandom("still", i),
      speed: 0,
      noiseShare: 0,
      objectShare: 0,
    };
    const crop = blurCrop(PHOTO, options);
    assert.deepEqual(exposure(crop), crop.sharp);
  }
});

Deno.test("blurCrop keeps a constant photo constant", () => {
  const grey = { data: new Uint8Array(120 * 120 * 3).fill(91), width: 120, height: 120 };
  for (let i = 0; i < 10; i++) {
    const crop = blurCrop(grey, { size: 64, random: createRandom("grey", i), noiseShare: 0 });
    assert.ok(exposure(crop).every((byte) => byte === 91), "blurry");
    assert.ok(crop.sharp.every((byte) => byte === 91), "sharp");
  }
});

Deno.test("blurCrop depends only on its random numbers", () => {
  const crop = (key: number) => blurCrop(PHOTO, { size: 32, random: createRandom("same", key) });
  assert.deepEqual(crop(1), crop(1));
  assert.notDeepEqual(exposure(crop(1)), exposure(crop(2)));
});

Deno.test("blurCrop is not shifted: blurry and sharp share their centre of gravity", () => {
  // A bright dot in the middle of a dark photo: pans go both ways from the middle of the exposure alike.
  const size = 41;
  const data = new Uint8Array(size * size * 3);
  data.fill(250, (20 * size + 20) * 3, (20 * size + 20) * 3 + 3);
  let [x, y, weight] = [0, 0, 0];
  for (let i = 0; i < 200; i++) {
    const options = { ...PLAIN, size, random: createRandom("dot", i), speed: 10, linearShare: 0 };
    const blurry = exposure(blurCrop({ data, width: size, height: size }, options));
    for (let at = 0; at < size * size; at++) {
      const value = blurry[at * 3] ?? 0;
      weight += value;
      x += value * (at % size - 20);
      y += value * (Math.floor(at / size) - 20);
    }
  }
  assert.ok(Math.abs(x / weight) < 0.25 && Math.abs(y / weight) < 0.25, `${x / weight}, ${y / weight}`);
});

Deno.test("blurCrop refuses a photo smaller than the crop", () => {
  const options = { size: 131, random: createRandom(1) };
  assert.throws(() => blurCrop(PHOTO, options), /131x131 pixels out of a photo of 150x130/);
});

Deno.test("blurCrop with sharpOnly has neither blur nor noise, and the same sharp picture", () => {
  for (let seed = 0; seed < 6; seed++) {
    const crop = (sharpOnly: boolean) =>
      blurCrop(PHOTO, { size: 32, random: createRandom("only", seed), sharpOnly, noiseShare: 1 });
    const [both, alone] = [crop(false), crop(true)];
    assert.deepEqual(alone.sharp, both.sharp);
    assert.deepEqual(exposure(alone), alone.sharp);
    assert.notDeepEqual(exposure(both), both.sharp);
  }
});
