import assert from "node:assert/strict";
import { copyOfRegion, cropPicture } from "../src/crop_picture.ts";

/** 4 x 3 pixels; each sample says where it is. */
const PICTURE = { data: Uint8Array.from({ length: 4 * 3 * 3 }, (_, i) => i), width: 4, height: 3 };
const WHOLE = { x: 0, y: 0, width: 4, height: 3 };

Deno.test("cropPicture and copyOfRegion give the part, in 8 and in 16 bits, and leave the picture", () => {
  const deep = { ...PICTURE, data: Uint16Array.from(PICTURE.data, (value) => value * 257) };
  for (const crop of [cropPicture, copyOfRegion]) {
    const part = crop(PICTURE, { x: 2, y: 1, width: 1, height: 2 });
    assert.deepEqual([part.width, part.height], [1, 2]);
    assert.deepEqual([...part.data], [18, 19, 20, 30, 31, 32]);
    const cut = crop(deep, { x: 2, y: 1, width: 1, height: 2 });
    assert.deepEqual([...cut.data], [...part.data].map((value) => value * 257));
  }
  assert.deepEqual([...PICTURE.data], Array.from({ length: 36 }, (_, i) => i));
});

Deno.test("cropPicture gives a whole picture itself, copyOfRegion a copy of it", () => {
  assert.equal(cropPicture(PICTURE, WHOLE), PICTURE);
  const copy = copyOfRegion(PICTURE, WHOLE);
  assert.deepEqual(copy, PICTURE);
  assert.notEqual(copy.data.buffer, PICTURE.data.buffer);
});
