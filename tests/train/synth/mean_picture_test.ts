import assert from "node:assert/strict";
import { meanDifference, meanPicture } from "../../../src/train/synth/mean_picture.ts";

/** Red is 10 x, green 10 y, blue 1. */
function gradient(width: number, height: number) {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [10 * (pixel % width), 10 * Math.floor(pixel / width), 1][i % 3] ?? 0;
  });
  return { data, width, height };
}

Deno.test("meanPicture: means of blocks, also of the smaller ones at the edges", () => {
  const { data, width, height } = meanPicture(gradient(5, 3), 2);
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...data], [
    ...[5, 5, 1, 25, 5, 1, 40, 5, 1],
    ...[5, 20, 1, 25, 20, 1, 40, 20, 1],
  ]);
});

Deno.test("meanDifference: mean absolute difference where both pictures are after a shift by whole blocks", () => {
  const a = meanPicture(gradient(8, 6), 1);
  assert.equal(meanDifference(a, a), 0);
  // A pixel to the right differs by 10 in red alone, one down in green alone.
  for (const [right, down, sum] of [[1, 0, 10], [0, -1, 10], [-2, 3, 50]] as const) {
    assert.ok(Math.abs(meanDifference(a, a, right, down) - sum / 3) < 1e-6, `${right}, ${down}`);
  }
});
