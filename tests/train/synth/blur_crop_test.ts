import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { blurCrop } from "../../../src/train/synth/blur_crop.ts";
import { createRandom } from "../../../src/train/random.ts";

const PHOTO = photo(150, 130, createRandom("photo"));
const PLAIN = { noiseShare: 0, objectShare: 0, reducedShare: 0 };

function photo(width: number, height: number, random: () => number): Picture {
  return { data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256), width, height };
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

Deno.test("blurCrop's paths are as long as meanDisplacement says, and its sharp picture stays the photo's pixels", () => {
  const dark = { ...PHOTO, data: PHOTO.data.map((byte) => byte >> 1) };
  const isLit = (meanDisplacement: number) => {
    // A bright dot amid the dark: its trail is as long as the path.
    const data = new Uint8Array(3 * 151 * 151);
    data.fill(255, (75 * 151 + 75) * 3, (75 * 151 + 75) * 3 + 3);
    let lit = 0;
    for (let i = 0; i < 150; i++) {
      const random = createRandom("trail", i);
      const { blurry } = blurCrop({ data, width: 151, height: 151 }, {
        ...PLAIN,
        size: 151,
        random,
        meanDisplacement,
      });
      for (let at = 0; at < blurry.length; at += 3) if ((blurry[at] ?? 0) > 2) lit++;
    }
    return lit / 150;
  };
  const ratio = isLit(27) / isLit(9);
  assert.ok(ratio > 2 && ratio < 4, `${ratio}`);
  for (const meanDisplacement of [5, 30]) {
    const options = { ...PLAIN, size: 48, random: createRandom("far"), meanDisplacement };
    assert.notEqual(find(blurCrop(dark, options).sharp, 48, dark), undefined);
  }
});

Deno.test("blurCrop with displacement 0 blurs nothing, reduced photos included", () => {
  for (let i = 0; i < 20; i++) {
    const options = {
      size: 40,
      random: createRandom("still", i),
      displacement: 0,
      noiseShare: 0,
      objectShare: 0,
    };
    const { blurry, sharp } = blurCrop(PHOTO, options);
    assert.deepEqual(blurry, sharp);
  }
});

Deno.test("blurCrop keeps a constant photo constant", () => {
  const grey = { data: new Uint8Array(120 * 120 * 3).fill(91), width: 120, height: 120 };
  for (let i = 0; i < 10; i++) {
    const { blurry, sharp } = blurCrop(grey, { size: 64, random: createRandom("grey", i), noiseShare: 0 });
    assert.ok(blurry.every((byte) => byte === 91), "blurry");
    assert.ok(sharp.every((byte) => byte === 91), "sharp");
  }
});

Deno.test("blurCrop is decided by its random numbers alone", () => {
  const crop = (key: number) => blurCrop(PHOTO, { size: 32, random: createRandom("same", key) });
  assert.deepEqual(crop(1), crop(1));
  assert.notDeepEqual(crop(1).blurry, crop(2).blurry);
});

Deno.test("blurCrop is not shifted: blurry and sharp share their centre of gravity", () => {
  // A bright dot in the middle of a dark photo: pans go both ways from the middle of the exposure alike.
  const size = 41;
  const data = new Uint8Array(size * size * 3);
  data.fill(250, (20 * size + 20) * 3, (20 * size + 20) * 3 + 3);
  let [x, y, weight] = [0, 0, 0];
  for (let i = 0; i < 200; i++) {
    const options = { ...PLAIN, size, random: createRandom("dot", i), displacement: 8, linearShare: 0 };
    const { blurry } = blurCrop({ data, width: size, height: size }, options);
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

Deno.test("blurCrop gives only the sharp picture when told, and draws the same numbers for it", () => {
  for (let seed = 0; seed < 6; seed++) {
    const [random, again] = [createRandom("only", seed), createRandom("only", seed)];
    const both = blurCrop(PHOTO, { size: 32, random });
    const { blurry, sharp } = blurCrop(PHOTO, { size: 32, random: again, sharpOnly: true });
    assert.deepEqual(sharp, both.sharp);
    assert.equal(blurry, sharp);
    assert.equal(again(), random());
  }
});
