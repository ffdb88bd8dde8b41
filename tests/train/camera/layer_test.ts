import assert from "node:assert/strict";
import { drawLayer, type Layer, prepareLayer } from "../../../src/train/camera/layer.ts";
import { createRandom } from "../../../src/train/random.ts";

function layer(width: number, height: number, channels: 3 | 4, value: (i: number) => number): Layer {
  return {
    data: Float32Array.from({ length: width * height * channels }, (_, i) => value(i)),
    width,
    height,
    channels,
  };
}

const REST = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

Deno.test("drawLayer shows exactly the layer's pixels at whole positions", () => {
  const random = createRandom("pixels");
  const picture = layer(9, 7, 3, random);
  const expected = picture.data.slice();
  const canvas = new Float32Array(4 * 3 * 3);
  drawLayer(canvas, 4, prepareLayer(picture), { ...REST, c: 2, f: 3 });
  for (let y = 0; y < 3; y++) {
    for (let i = 0; i < 12; i++) {
      const value = expected[((y + 3) * 9 + 2) * 3 + i] ?? NaN;
      assert.ok(Math.abs((canvas[y * 12 + i] ?? NaN) - value) < 1e-6, `row ${y}, sample ${i}`);
    }
  }
});

Deno.test("drawLayer keeps a constant constant, rotated, zoomed and outside the edge", () => {
  const canvas = new Float32Array(20 * 15 * 3);
  const turned = { a: 0.9, b: 0.3, c: -4.3, d: -0.3, e: 0.9, f: 2.7 };
  drawLayer(canvas, 20, prepareLayer(layer(12, 11, 3, () => 0.4)), turned);
  for (const value of canvas) assert.ok(Math.abs(value - 0.4) < 1e-6, `${value}`);
});

Deno.test("drawLayer follows a ramp between pixels", () => {
  const ramp = layer(40, 3, 3, (i) => Math.floor(i / 3) % 40);
  const canvas = new Float32Array(10 * 3);
  drawLayer(canvas, 10, prepareLayer(ramp), { ...REST, c: 20.3, f: 1 });
  for (let x = 0; x < 10; x++) assert.ok(Math.abs((canvas[3 * x] ?? NaN) - (20.3 + x)) < 1e-3, `column ${x}`);
});

Deno.test("drawLayer loses less of fine detail at a half pixel than plain bilinear sampling", () => {
  const wave = (x: number) => Math.cos(2 * Math.PI * 0.25 * x);
  const canvas = new Float32Array(40 * 3);
  drawLayer(canvas, 40, prepareLayer(layer(80, 1, 3, (i) => wave(Math.floor(i / 3)))), { ...REST, c: 20.5 });
  let error = 0;
  let bilinear = 0;
  for (let x = 0; x < 40; x++) {
    const value = wave(x + 20.5);
    error += ((canvas[3 * x] ?? NaN) - value) ** 2;
    bilinear += ((wave(x + 20) + wave(x + 21)) / 2 - value) ** 2;
  }
  assert.ok(error < 0.8 * bilinear, `${error} against ${bilinear}`);
});

Deno.test("drawLayer blends an object over the canvas by its opacity, and does not change the rest", () => {
  const canvas = new Float32Array(12 * 12 * 3).fill(0.2);
  const half = layer(6, 6, 4, (i) => i % 4 === 3 ? 0.5 : 0.5 * 0.8); // colour 0.8, multiplied by opacity
  drawLayer(canvas, 12, prepareLayer(half), { ...REST, c: -3, f: -2 });
  const at = (x: number, y: number) => canvas[(y * 12 + x) * 3] ?? NaN;
  assert.ok(Math.abs(at(5, 5) - 0.5) < 1e-6, "half of 0.2 and half of 0.8");
  for (const [x, y] of [[0, 0], [11, 5], [5, 0], [5, 9], [9, 5]] as const) {
    assert.ok(Math.abs(at(x, y) - 0.2) < 1e-6, `${x}, ${y}`);
  }
});
