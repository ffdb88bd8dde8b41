import assert from "node:assert/strict";
import { gaussian } from "../../src/train/gaussian.ts";

Deno.test("gaussian: symmetric, falling by exp(-d²/2σ²) from the middle, its sum 1", () => {
  const taps = gaussian(new Float64Array(11), 1.5);
  assert.equal(taps.length, 11);
  assert.ok(Math.abs(taps.reduce((sum, tap) => sum + tap) - 1) < 1e-12);
  for (const [distance, share] of [[1, 0.8007374], [3, 0.1353353]] as const) {
    assert.equal(taps[5 - distance], taps[5 + distance]);
    assert.ok(Math.abs((taps[5 + distance] ?? 0) / (taps[5] ?? 0) - share) < 1e-7);
  }
});
