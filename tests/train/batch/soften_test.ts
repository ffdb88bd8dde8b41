import assert from "node:assert/strict";
import { createRandom } from "../../../src/train/random.ts";
import { soften } from "../../../src/train/batch/soften.ts";

const SIZE = 20;

function noise(): Uint8Array {
  const random = createRandom("soften");
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, () => random() * 256);
}

/** The same, as it is defined: a sum over a square, in double precision. */
function defined(picture: Uint8Array, x: number, y: number, c: number, sigma: number): number {
  const inside = (at: number) => Math.min(SIZE - 1, Math.max(0, at));
  let [sum, total] = [0, 0];
  for (let dy = -12; dy <= 12; dy++) {
    for (let dx = -12; dx <= 12; dx++) {
      const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
      total += weight;
      sum += weight * (picture[(inside(y + dy) * SIZE + inside(x + dx)) * 3 + c] ?? NaN);
    }
  }
  return sum / total;
}

for (const sigma of [0.5, 1.3, 2.3]) {
  Deno.test(`soften is a Gaussian of ${sigma} pixels, up to the corners`, () => {
    const picture = noise();
    const soft = soften(picture, SIZE, sigma);
    for (let i = 0; i < soft.length; i++) {
      const pixel = Math.floor(i / 3);
      const expected = defined(picture, pixel % SIZE, Math.floor(pixel / SIZE), i % 3, sigma);
      assert.ok(
        Math.abs((soft[i] ?? NaN) - expected) < 1.2,
        `sample ${i} is ${soft[i]}, expected ${expected}`,
      );
    }
  });
}

Deno.test("soften leaves an even picture as it is", () => {
  const even = new Uint8Array(SIZE * SIZE * 3).map((_, i) => [255, 0, 77][i % 3] ?? 0);
  assert.deepEqual(soften(even, SIZE, 1.7), even);
});
