import fc from "fast-check";
import assert from "node:assert/strict";
import { cropPicture } from "../src/crop_picture.ts";
import { clipRegion, codedRegion, rotatedSize, unrotateRegion } from "../src/display_region.ts";
import { OptionError } from "../src/errors.ts";
import { encodeFrame } from "../src/server/viewers/encode_frame.ts";
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
          pictures: [{
            kind: "blurry",
            picture: cropPicture(PICTURE, unrotateRegion(expected, CODED, rotation)),
          }],
          region: expected,
          rotation,
          ...size,
          index: 0,
          isEstimated: false,
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

Deno.test("codedRegion takes what lies inside the displayed picture, and names the size where it does not", () => {
  const info = { width: 1280, height: 720, rotation: 90 };
  const coded = codedRegion({ x: 20, y: 1000, width: 700, height: 280 }, info);
  assert.deepEqual(coded, { x: 1000, y: 0, width: 280, height: 700 });
  for (
    const wrong of [
      { x: 0, y: 0, width: 1280, height: 720 },
      { x: -1, y: 0, width: 10, height: 10 },
      { x: 0, y: 0, width: 0, height: 10 },
      { x: 0.5, y: 0, width: 10, height: 10 },
      { x: 0, y: 0, width: NaN, height: 10 },
    ]
  ) {
    assert.throws(() => codedRegion(wrong, info), (error) => {
      assert.ok(error instanceof OptionError);
      assert.match(error.message, /does not lie inside the picture, which is 720x1280\. Give whole pixels/);
      return true;
    });
  }
});
