import assert from "node:assert/strict";
import { GREY, halvePicture, reducePicture } from "../../src/motion/plane.ts";

/** 11 x 6 pixels whose samples are all different from place to place, in bytes and the same in 16 bits. */
const WIDTH = 11;
const HEIGHT = 6;
const bytes = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, i) => (37 * i) % 256);
const deep = Uint16Array.from(bytes, (value) => 257 * value);

/** Sum of the samples of a block. */
function sumOf(x: number, y: number, side: number): number {
  let sum = 0;
  for (let row = y * side; row < (y + 1) * side; row++) {
    for (let i = 3 * x * side; i < 3 * (x + 1) * side; i++) sum += bytes[3 * WIDTH * row + i] ?? NaN;
  }
  return sum;
}

for (
  const [name, reduce, side] of [["reducePicture", reducePicture, 4], [
    "halvePicture",
    halvePicture,
    2,
  ]] as const
) {
  Deno.test(`${name}: sums of blocks of ${side} pixels; what is left over at the edges is not looked at`, () => {
    const plane = reduce({ data: bytes, width: WIDTH, height: HEIGHT });
    assert.deepEqual([plane.width, plane.height], [Math.floor(WIDTH / side), Math.floor(HEIGHT / side)]);
    for (const [i, value] of plane.data.entries()) {
      assert.equal(value, sumOf(i % plane.width, Math.floor(i / plane.width), side), `block ${i}`);
    }
    // 16 bits are rounded to the same scale.
    const same = reduce({ data: deep, width: WIDTH, height: HEIGHT });
    for (const [i, value] of same.data.entries()) {
      assert.ok(
        Math.abs(value - (plane.data[i] ?? NaN)) <= GREY / 4,
        `block ${i}: ${value}, ${plane.data[i]}`,
      );
    }
  });
}

Deno.test("reducePicture: a picture smaller than a block has none", () => {
  assert.equal(reducePicture({ data: new Uint8Array(27), width: 3, height: 3 }).data.length, 0);
});
