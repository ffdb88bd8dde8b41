import assert from "node:assert/strict";
import { putPatchBasis } from "../../../src/train/run/patch_basis.ts";
import { createRandom } from "../../../src/train/random.ts";
import { loadTensorFlow } from "../../../src/train/tensorflow/tensorflow.ts";

const STRIDE = 4;
const SIZE = 2 * STRIDE - 1;

for (const inputs of [6, 16]) {
  const name =
    `putPatchBasis loses nothing in ReLU of ${inputs} inputs: each ± pair of features gives its component, all of them the pixels`;
  Deno.test(name, async () => {
    const tf = await loadTensorFlow("javascript");
    const channels = 2 * 3 * STRIDE ** 2;
    const kernel = new Float32Array(SIZE * SIZE * inputs * channels);
    putPatchBasis(kernel, SIZE, channels, STRIDE);
    const random = createRandom(1, "picture");
    const side = 2 * STRIDE;
    const pixels = Float32Array.from({ length: side * side * 3 }, () => random());
    const picture = tf.tensor4d(pixels, [1, side, side, 3]);
    const x = tf.concat([picture, tf.zeros([1, side, side, inputs - 3])], 3);
    const weights = tf.tensor4d(kernel, [SIZE, SIZE, inputs, channels]);
    const features = tf.relu(tf.conv2d(x as typeof picture, weights, STRIDE, "same"));
    const values = features.dataSync();

    // The components are orthogonal, so each one's share of the pixels is value · kernel / |kernel|².
    const before = Math.floor((SIZE - STRIDE) / 2);
    const at = (ky: number, kx: number, c: number, n: number) =>
      kernel[((ky * SIZE + kx) * inputs + c) * channels + n] ?? NaN;
    const back = new Float64Array(pixels.length);
    for (let step = 0; step < 4; step++) {
      const [top, left] = [STRIDE * (step >> 1), STRIDE * (step & 1)];
      for (let n = 0; n < channels; n += 2) {
        const value = (values[step * channels + n] ?? NaN) - (values[step * channels + n + 1] ?? NaN);
        const taps = Array.from({ length: STRIDE * STRIDE * 3 }, (_, i) => {
          const [y, x, c] = [Math.floor(i / (3 * STRIDE)), Math.floor(i / 3) % STRIDE, i % 3];
          return { to: ((top + y) * side + left + x) * 3 + c, tap: at(y + before, x + before, c, n) };
        });
        const norm = taps.reduce((sum, { tap }) => sum + tap * tap, 0);
        for (const { to, tap } of taps) back[to] = (back[to] ?? 0) + value * tap / norm;
      }
    }
    back.forEach((value, i) =>
      assert.ok(Math.abs(value - (pixels[i] ?? NaN)) < 1e-5, `${value} ${pixels[i]}`)
    );
  });
}

Deno.test("putPatchBasis keeps a tenth of what was there for the other half of the input, and for spare channels", () => {
  const channels = 6;
  const kernel = new Float32Array(SIZE * SIZE * 6 * channels).fill(1);
  putPatchBasis(kernel, SIZE, channels, STRIDE);
  const guess = (at: number) => Math.floor(at / channels) % 6 >= 3;
  assert.ok(kernel.every((value, at) => !guess(at) || Math.abs(value - 0.1) < 1e-7));
});
