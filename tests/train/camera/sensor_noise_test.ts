import assert from "node:assert/strict";
import { addSensorNoise } from "../../../src/train/camera/sensor_noise.ts";
import { createRandom } from "../../../src/train/random.ts";

/** Mean and standard deviation of the noise on even grey. */
function measure(grey: number, noise: { read: number; shot: number }): [mean: number, deviation: number] {
  const bytes = new Float32Array(1 << 18).fill(grey);
  addSensorNoise(bytes, noise, createRandom("noise", grey));
  const mean = bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
  const variance = bytes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bytes.length;
  return [mean, Math.sqrt(variance)];
}

for (
  const [grey, expected] of [[0, 2], [64, Math.hypot(2, 3 * Math.sqrt(64 / 255))], [
    255,
    Math.hypot(2, 3),
  ]] as const
) {
  Deno.test(`addSensorNoise: at ${grey} the deviations of read and shot noise add as squares`, () => {
    const [mean, deviation] = measure(grey, { read: 2, shot: 3 });
    assert.ok(Math.abs(mean - grey) < 0.05, `${mean}`);
    assert.ok(Math.abs(deviation / expected - 1) < 0.02, `${deviation} instead of ${expected}`);
  });
}

Deno.test("addSensorNoise is decided by its random numbers", () => {
  const noisy = (seed: number) => {
    const bytes = new Float32Array(600).fill(100);
    addSensorNoise(bytes, { read: 1, shot: 1 }, createRandom(seed));
    return bytes;
  };
  assert.deepEqual(noisy(1), noisy(1));
  assert.notDeepEqual(noisy(1), noisy(2));
});
