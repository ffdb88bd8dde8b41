import assert from "node:assert/strict";
import { shiftedSums, shiftSamples } from "../../../src/train/evaluate/shifted_sums.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const SIZE = { width: 60, height: 50 };
const MARGIN = 8;

function plane(view: Parameters<typeof renderScene>[0] = {}) {
  return { samples: renderScene({ ...SIZE, ...view }).data, ...SIZE, channels: 3, margin: MARGIN };
}

Deno.test("shiftSamples takes the samples at a whole translation as they are", () => {
  const moving = plane();
  const shifted = shiftSamples(moving, 3, -2);
  const columns = SIZE.width - 2 * MARGIN;
  for (const [x, y] of [[0, 0], [10, 20], [columns - 1, SIZE.height - 2 * MARGIN - 1]] as const) {
    const from = 3 * ((y + MARGIN - 2) * SIZE.width + x + MARGIN + 3);
    const at = 3 * (y * columns + x);
    assert.deepEqual([...shifted.subarray(at, at + 3)], [...moving.samples.subarray(from, from + 3)]);
  }
});

Deno.test("shiftSamples between the pixels comes close to the scene there", () => {
  const shifted = shiftSamples(plane(), 1.25, -0.5);
  const there = shiftSamples(plane({ dx: 1.25, dy: -0.5 }), 0, 0);
  const error = shifted.reduce((sum, value, i) => sum + Math.abs(value - (there[i] ?? NaN)), 0) /
    there.length;
  assert.ok(error < 1, `${error}`);
});

Deno.test("shiftedSums: the intensity scale, what it leaves, and the step to the right translation", () => {
  const [moving, fixed] = [plane(), plane({ dx: 2.3, dy: -1.4, scale: 0.8 })];
  let [dx, dy] = [2, -1];
  const before = shiftedSums(moving, fixed, dx, dy);
  for (let i = 0; i < 5; i++) {
    const step = shiftedSums(moving, fixed, dx, dy).step();
    [dx, dy] = [dx + step.dx, dy + step.dy];
  }
  const after = shiftedSums(moving, fixed, dx, dy);
  assert.ok(Math.abs(dx - 2.3) < 0.03 && Math.abs(dy + 1.4) < 0.03, `${dx}, ${dy}`);
  assert.ok(Math.abs(after.scale - 0.8) < 0.005 && after.error < before.error / 10);
});

Deno.test("shiftedSums of even pictures has no step", () => {
  const even = { ...plane(), samples: new Uint8Array(3 * 60 * 50).fill(80) };
  assert.deepEqual(shiftedSums(even, even, 0, 0).step(), { dx: 0, dy: 0 });
});
