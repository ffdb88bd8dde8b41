import fc from "fast-check";
import assert from "node:assert/strict";
import {
  clipRegion,
  growRegion,
  rotatedSize,
  unrotateRegion,
} from "../../../src/server/sources/display_region.ts";
import { encodeFrame } from "../../../src/server/viewers/encode_frame.ts";
import sharp from "sharp";

const CODED = { width: 7, height: 5 };
/** Every pixel another colour. */
const PICTURE = { ...CODED, data: Uint8Array.from({ length: 105 }, (_, i) => (i * 37) % 256) };

const region = fc.record({
  x: fc.integer({ min: 0, max: 9 }),
  y: fc.integer({ min: 0, max: 9 }),
  width: fc.integer({ min: 0, max: 9 }),
  height: fc.integer({ min: 0, max: 9 }),
});

Deno.test("unrotateRegion: a region of a rotated picture is what one sees there, whatever the rotation", async () => {
  for (const rotation of [0, 90, 180, 270]) {
    const size = rotatedSize(CODED, rotation);
    const turned = await sharp(PICTURE.data, { raw: { ...CODED, channels: 3 } }).rotate(rotation).png()
      .toBuffer();
    await fc.assert(
      fc.asyncProperty(region, async (asked) => {
        const expected = clipRegion(asked, size);
        const [part] = await encodeFrame({
          pictures: [{ kind: "blurry", picture: PICTURE }],
          inner: unrotateRegion(expected, CODED, rotation),
          region: expected,
          rotation,
          ...size,
          index: 0,
          seconds: 0,
          detail: 1,
          decodedAt: 0,
        }, "image/png");
        const cut = { left: expected.x, top: expected.y, width: expected.width, height: expected.height };
        const seen = await sharp(turned).extract(cut).raw().toBuffer();
        assert.deepEqual(await sharp(part?.bytes).raw().toBuffer(), seen);
      }),
      { numRuns: 25 },
    );
  }
});

Deno.test("clipRegion stays inside the picture, and is all of it where nothing is left", () => {
  fc.assert(fc.property(region, (asked) => {
    const { x, y, width, height } = clipRegion(asked, CODED);
    assert.ok(width > 0 && height > 0 && x >= 0 && y >= 0 && x + width <= 7 && y + height <= 5);
  }));
  assert.deepEqual(clipRegion(null, CODED), { x: 0, y: 0, ...CODED });
  assert.deepEqual(clipRegion({ x: 7, y: 0, width: 3, height: 3 }, CODED), { x: 0, y: 0, ...CODED });
});

Deno.test("growRegion adds the halo on every side that has room, and begins on the grid", () => {
  const grown = growRegion({ x: 1, y: 2, width: 3, height: 1 }, { halo: 2, grid: 1 }, CODED);
  assert.deepEqual(grown, { x: 0, y: 0, width: 6, height: 5 });
  const size = { width: 500, height: 500 };
  const onGrid = growRegion({ x: 300, y: 200, width: 10, height: 20 }, { halo: 50, grid: 32 }, size);
  assert.deepEqual(onGrid, { x: 224, y: 128, width: 136, height: 142 });
});
