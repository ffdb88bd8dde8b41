import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { readPicture } from "../../../src/train/data/picture_file.ts";
import { psnr, ssim } from "../../../src/train/evaluate/metrics.ts";
import expected from "../../fixtures/ssim/expected.json" with { type: "json" };

function picture(width: number, height: number, sample: (i: number) => number): Picture {
  return { data: Uint8Array.from({ length: 3 * width * height }, (_, i) => sample(i)), width, height };
}

const fixture = (name: string) =>
  readPicture(new URL(`../../fixtures/ssim/${name}.png`, import.meta.url).pathname);

for (const [name, scores] of Object.entries(expected.pairs)) {
  Deno.test(`ssim and psnr agree with scikit-image within 1e-4 on ${name}`, async () => {
    const [a, b] = [await fixture(`${name}_a`), await fixture(`${name}_b`)];
    assert.ok(Math.abs(ssim(a, b) - scores.ssim) < 1e-4, `${ssim(a, b)} is not ${scores.ssim}`);
    assert.ok(Math.abs(psnr(a, b) - scores.psnr) < 1e-4, `${psnr(a, b)} is not ${scores.psnr}`);
  });
}

Deno.test("psnr of pictures that differ by 5 in every sample is 20 log10(255 / 5)", () => {
  const [a, b] = [picture(4, 3, (i) => i), picture(4, 3, (i) => i + 5)];
  assert.equal(psnr(a, b), 20 * Math.log10(51));
});

Deno.test("psnr counts all three channels: one wrong sample of twelve", () => {
  const [a, b] = [picture(2, 2, () => 100), picture(2, 2, (i) => i === 7 ? 112 : 100)];
  assert.ok(Math.abs(psnr(a, b) - 10 * Math.log10(255 ** 2 / 12)) < 1e-12);
});

Deno.test("psnr and ssim of equal pictures are infinite and 1", () => {
  const a = picture(13, 12, (i) => (i * 37) % 256);
  assert.equal(psnr(a, a), Infinity);
  assert.ok(Math.abs(ssim(a, a) - 1) < 1e-12);
});

Deno.test("ssim of two flat pictures is its luminance term", () => {
  const c1 = (0.01 * 255) ** 2;
  const [a, b] = [picture(11, 11, () => 50), picture(11, 11, () => 100)];
  assert.ok(Math.abs(ssim(a, b) - (2 * 50 * 100 + c1) / (50 ** 2 + 100 ** 2 + c1)) < 1e-9);
});

Deno.test("ssim refuses pictures smaller than its window", () => {
  const a = picture(10, 20, () => 0);
  assert.throws(() => ssim(a, a), { name: "RangeError", message: /10 x 20/ });
});

Deno.test("psnr and ssim refuse pictures of different sizes, and of 16 bits", () => {
  const [a, b] = [picture(12, 14, () => 0), picture(14, 12, () => 0)];
  const deep = { width: 12, height: 14, data: new Uint16Array(3 * 12 * 14) };
  for (const metric of [psnr, ssim]) {
    assert.throws(() => metric(a, b), { name: "RangeError", message: /12 x 14 and 14 x 12/ });
    assert.throws(() => metric(a, deep), { name: "RangeError", message: /16 bits/ });
  }
});
