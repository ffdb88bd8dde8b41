import fc from "fast-check";
import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { cropPicture } from "../../../src/crop_picture.ts";
import { padPicture } from "../../../src/model/restore/pad_picture.ts";

const side = fc.integer({ min: 1, max: 40 });
const multiple = fc.constantFrom(1, 2, 8, 16, 32);

/** A picture of which every sample is different. */
function numbered(width: number, height: number, depth: 8 | 16 = 16): Picture {
  const samples = depth === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  return { data: samples.map((_, i) => i), width, height };
}

function pixel({ data, width }: Picture, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

/** Where a mirrored row of `length` is read at `place`, one step at a time. */
function bounce(place: number, length: number): number {
  let [at, step] = [0, 1];
  for (let i = 0; i < place; i++) {
    if (length === 1) break;
    if (at + step < 0 || at + step >= length) step = -step;
    at += step;
  }
  return at;
}

Deno.test("padPicture: both sides become multiples, mirrored without repeating the edge, at any size from 1x1", () => {
  fc.assert(
    fc.property(side, side, multiple, (width, height, multiple) => {
      const picture = numbered(width, height);
      const padded = padPicture(picture, multiple);
      assert.equal(padded.width, Math.ceil(width / multiple) * multiple);
      assert.equal(padded.height, Math.ceil(height / multiple) * multiple);
      for (let y = 0; y < padded.height; y++) {
        for (let x = 0; x < padded.width; x++) {
          assert.deepEqual(pixel(padded, x, y), pixel(picture, bounce(x, width), bounce(y, height)));
        }
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("cropPicture: undoes padPicture and keeps the depth", () => {
  fc.assert(fc.property(side, side, multiple, fc.constantFrom(8, 16), (width, height, multiple, depth) => {
    const picture = numbered(width, height, depth);
    const cropped = cropPicture(padPicture(picture, multiple), { x: 0, y: 0, width, height });
    assert.deepEqual(cropped, picture);
  }));
});

Deno.test("padPicture: a picture that fits is returned as it is", () => {
  const picture = numbered(32, 16);
  assert.equal(padPicture(picture, 16), picture);
});
