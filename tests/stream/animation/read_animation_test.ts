import assert from "node:assert/strict";
import fc from "fast-check";
import sharp from "sharp";
import { parseAnimation } from "../../../src/stream/animation/read_animation.ts";

const SIZE = { width: 8, height: 6 };

/** Three frames of noise, as sharp takes them: one above the other. */
function frames() {
  const samples = new Uint8Array(SIZE.width * SIZE.height * 3 * 3).map((_, i) => (i * 7919) % 256);
  const raw = { width: SIZE.width, height: 3 * SIZE.height, channels: 3, pageHeight: SIZE.height } as const;
  return sharp(samples, { raw });
}

for (const loop of [0, 1, 2, 7]) {
  Deno.test(`parseAnimation: GIF and WebP that libvips writes with loop ${loop}`, async () => {
    const webp = await frames().webp({ loop, lossless: true }).toBuffer();
    assert.deepEqual(parseAnimation(webp), { plays: loop, isLossless: true });
    const lossy = await frames().webp({ loop, quality: 50 }).toBuffer();
    assert.deepEqual(parseAnimation(lossy), { plays: loop, isLossless: false });
    // libvips counts as WebP does; in the file of a GIF is how often it is repeated.
    const gif = await frames().gif({ loop }).toBuffer();
    assert.deepEqual(parseAnimation(gif), { plays: loop, isLossless: false });
  });
}

Deno.test("parseAnimation: pictures that stand still, and other files, are none", async () => {
  const still = () => sharp({ create: { ...SIZE, channels: 3, background: "red" } });
  for (
    const bytes of [
      await still().png().toBuffer(),
      await still().webp().toBuffer(),
      await still().jpeg().toBuffer(),
    ]
  ) {
    assert.equal(parseAnimation(bytes), undefined);
  }
  assert.equal(parseAnimation(new Uint8Array()), undefined);
});

Deno.test("parseAnimation ends on any bytes", async () => {
  const whole = [await frames().gif({ loop: 3 }).toBuffer(), await frames().webp({ loop: 3 }).toBuffer()];
  const mutated = fc.record({
    bytes: fc.constantFrom(...whole),
    at: fc.nat(120),
    value: fc.nat(255),
    length: fc.nat(200),
  });
  fc.assert(
    fc.property(mutated, ({ bytes, at, value, length }) => {
      const copy = Uint8Array.from(bytes.subarray(0, length + 13));
      copy[at] = value;
      const facts = parseAnimation(copy);
      assert.ok(facts === undefined || facts.plays >= 0);
    }),
    { numRuns: 2000 },
  );
});
