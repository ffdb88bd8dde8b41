import assert from "node:assert/strict";
import { clippingRange } from "../../../../src/model/onnx/int8/clipping_range.ts";
import { deconvPhases } from "../../../../src/model/onnx/int8/deconv_kernels.ts";
import { foldKernel } from "../../../../src/model/onnx/int8/fold_kernel.ts";
import { Histogram } from "../../../../src/model/onnx/int8/histogram.ts";
import { quantizeKernel } from "../../../../src/model/onnx/int8/quantize_kernel.ts";
import { quantizationOf } from "../../../../src/model/onnx/int8/quantized_value.ts";
import { seededRandom } from "../../../helpers/random_weights.ts";

function numbers(count: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => 2 * random() - 1);
}

Deno.test("quantizationOf: 0 is a byte of its own, and the ends of the range are kept to half a step", () => {
  for (const [least, most] of [[0, 1], [-1, 1], [-3, 0.5], [0.2, 0.9], [-2, -1]] as const) {
    const { scale, zero } = quantizationOf([least, most]);
    assert.ok(Number.isInteger(zero) && zero >= 0 && zero <= 255);
    for (const end of [least, most]) {
      const byte = Math.min(255, Math.max(0, Math.round(end / scale) + zero));
      assert.ok(Math.abs(scale * (byte - zero) - end) <= 0.5001 * scale + 1e-6, `${end}`);
    }
  }
});

Deno.test("quantizeKernel: taps are within a step, and their sum is kept to half of one", () => {
  const [out, taps] = [4, 50];
  const data = numbers(out * taps);
  const { data: bytes, scales } = quantizeKernel({ shape: [out, 2, 5, 5], data });
  for (let o = 0; o < out; o++) {
    const scale = scales[o] ?? NaN;
    let [exact, rounded] = [0, 0];
    for (let tap = o * taps; tap < (o + 1) * taps; tap++) {
      exact += data[tap] ?? NaN;
      rounded += scale * (bytes[tap] ?? NaN);
      assert.ok(Math.abs((data[tap] ?? NaN) - scale * (bytes[tap] ?? NaN)) <= 1.001 * scale);
    }
    assert.ok(Math.abs(exact - rounded) <= 0.51 * scale, `channel ${o}: ${exact} became ${rounded}`);
  }
});

Deno.test("quantizeKernel: an output channel of zeros stays one", () => {
  const { data, scales } = quantizeKernel({ shape: [1, 1, 2, 2], data: new Float32Array(4) });
  assert.deepEqual([...data], [0, 0, 0, 0]);
  assert.ok(Number.isFinite(scales[0]) && scales[0] !== 0);
});

for (const stride of [1, 2, 4]) {
  Deno.test(`deconvPhases: together they are the transposed convolution of stride ${stride}`, () => {
    const [side, inner, out] = [3, 2, 3];
    const taps = 2 * stride;
    const kernel = { shape: [taps, taps, out, inner], data: numbers(taps * taps * out * inner) };
    const x = numbers(side * side * inner, 2);
    const large = side * stride;
    const before = Math.floor(stride / 2);
    const at = (o: number, y: number, x: number) => (o * large + y) * large + x;
    const expected = new Float64Array(out * large * large);
    const got = new Float64Array(out * large * large);
    for (let y = 0; y < side; y++) {
      for (let column = 0; column < side; column++) {
        for (let ty = 0; ty < taps; ty++) {
          for (let tx = 0; tx < taps; tx++) {
            const [toY, toX] = [y * stride + ty - before, column * stride + tx - before];
            if (toY < 0 || toX < 0 || toY >= large || toX >= large) continue;
            for (let o = 0; o < out; o++) {
              for (let i = 0; i < inner; i++) {
                const weight = kernel.data[((ty * taps + tx) * out + o) * inner + i] ?? NaN;
                const to = at(o, toY, toX);
                expected[to] = (expected[to] ?? NaN) + weight * (x[(y * side + column) * inner + i] ?? NaN);
              }
            }
          }
        }
      }
    }
    deconvPhases(kernel, stride).forEach(({ kernel: phase, pads: [top, left] }, place) => {
      const [placeY, placeX] = [Math.floor(place / stride), place % stride];
      for (let o = 0; o < out; o++) {
        for (let y = 0; y < side; y++) {
          for (let column = 0; column < side; column++) {
            let sum = 0;
            for (let i = 0; i < inner; i++) {
              for (let tap = 0; tap < 4; tap++) {
                const [fromY, fromX] = [y + (tap >> 1) - top, column + (tap & 1) - left];
                if (fromY < 0 || fromX < 0 || fromY >= side || fromX >= side) continue;
                sum += (phase.data[(o * inner + i) * 4 + tap] ?? NaN) *
                  (x[(fromY * side + fromX) * inner + i] ?? NaN);
              }
            }
            got[at(o, y * stride + placeY, column * stride + placeX)] = sum;
          }
        }
      }
    });
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - (got[i] ?? NaN))));
    assert.ok(worst <= 1e-5, `${worst}`);
    assert.ok(expected.some((value) => Math.abs(value) > 0.1));
  });
}

Deno.test("foldKernel: neighbouring pixels become channels, and every tap is multiplied with its part's scale once", () => {
  const kernel = { shape: [1, 3, 3, 3], data: Float32Array.from({ length: 27 }, (_, i) => i + 1) };
  const parts = [{ channels: 2, scale: 2, zero: 7 }, { channels: 1, scale: 10, zero: 128 }];
  const { kernel: folded, zeros, order } = foldKernel(kernel, 2, parts);
  assert.deepEqual(folded.shape, [1, 6, 3, 2]);
  // Inputs: of the first part pixel 0 (two channels), pixel 1 (two), then the second part's two pixels.
  assert.deepEqual([...zeros], [7, 7, 7, 7, 128, 128]);
  const row = (
    input: number,
    y: number,
  ) => [...folded.data.slice((input * 3 + y) * 2, (input * 3 + y) * 2 + 2)];
  assert.deepEqual(row(0, 0), [2 * 1, 2 * 3]); // first channel, columns 0 and 2
  assert.deepEqual(row(2, 0), [2 * 2, 0]); // column 1, and one beyond the kernel
  assert.deepEqual(row(1, 1), [2 * 13, 2 * 15]);
  assert.deepEqual(row(4, 2), [10 * 25, 10 * 27]);
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 36 }, (_, i) => i));
});

Deno.test("Histogram: counts and range stay the same as larger numbers come", () => {
  const histogram = new Histogram();
  histogram.add(Float32Array.of(0.25, 0.25, -0.5));
  histogram.add(Float32Array.of(100));
  assert.deepEqual(histogram.range, [-0.5, 100]);
  const bins = [...histogram.bins()];
  assert.equal(bins.reduce((sum, [, count]) => sum + count, 0), 4);
  const near = (number: number) => bins.filter(([middle]) => Math.abs(middle - number) < 0.05);
  assert.deepEqual(near(0.25).map(([, count]) => count), [2]);
  assert.deepEqual(near(-0.5).map(([, count]) => count), [1]);
});

Deno.test("clippingRange: a single outlier is cut off, an even spread is not", () => {
  const even = new Histogram();
  even.add(numbers(10_000));
  const [least, most] = clippingRange(even);
  assert.ok(least < -0.9 && most > 0.9, `${least} ${most}`);
  const lonely = new Histogram();
  lonely.add(numbers(1_000_000));
  lonely.add(Float32Array.of(8));
  const [, cut] = clippingRange(lonely);
  assert.ok(cut < 4 && cut >= 0.95, `${cut}`);
});
