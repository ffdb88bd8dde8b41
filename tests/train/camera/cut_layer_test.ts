import assert from "node:assert/strict";
import { cutLayer, cutObject } from "../../../src/train/camera/cut_layer.ts";
import { drawLayer } from "../../../src/train/camera/layer.ts";
import { lightCurve } from "../../../src/train/camera/light.ts";
import { createRandom } from "../../../src/train/random.ts";

const { light } = lightCurve("none");
const AT_REST = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };

/** 12 x 10 pixels whose bytes tell their position. */
const PHOTO = {
  data: Uint8Array.from({ length: 3 * 12 * 10 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [10 * (pixel % 12), 10 * Math.floor(pixel / 12), 7][i % 3] ?? 0;
  }),
  width: 12,
  height: 10,
};

/** The bytes that a layer shows where it is at rest. */
function shown(layer: ReturnType<typeof cutLayer>): number[] {
  const canvas = new Float32Array(layer.width * layer.height * 3);
  drawLayer(canvas, layer.width, layer, AT_REST);
  return [...canvas].map((value) => 255 * value);
}

Deno.test("cutLayer: a square of the photo's own pixels, with a margin that repeats its edge", () => {
  const layer = cutLayer(PHOTO, { size: 10, margin: 3, scale: 1, light, random: () => 0 });
  const bytes = shown(layer);
  const at = (x: number, y: number) => bytes.slice(3 * (y * 16 + x), 3 * (y * 16 + x) + 3).map(Math.round);
  assert.deepEqual(at(3, 3), [0, 0, 7]);
  assert.deepEqual(at(8, 5), [50, 20, 7]);
  assert.deepEqual([at(0, 0), at(2, 12)], [[0, 0, 7], [0, 90, 7]]);
  assert.deepEqual(at(13, 3), [100, 0, 7], "to the right the photo goes on");
});

Deno.test("cutLayer: a downscaled photo has the means of its pixels", () => {
  const layer = cutLayer(PHOTO, { size: 5, margin: 0, scale: 0.5, light, random: () => 0 });
  const bytes = shown(layer);
  for (const [x, y] of [[0, 0], [3, 2], [4, 4]] as const) {
    const [red = NaN, green = NaN] = bytes.slice(3 * (5 * y + x));
    assert.ok(
      Math.abs(red - (20 * x + 5)) < 0.01 && Math.abs(green - (20 * y + 5)) < 0.01,
      `${x}, ${y}: ${red}, ${green}`,
    );
  }
});

Deno.test("cutLayer is never smaller than its size, whatever the scale, and refuses a photo that is", () => {
  const options = { margin: 0, scale: 0.1, light, random: createRandom("place") };
  assert.equal(cutLayer(PHOTO, { ...options, size: 8 }).width, 8);
  assert.throws(() => cutLayer(PHOTO, { ...options, size: 11 }), { name: "RangeError", message: /12x10/ });
});

Deno.test("cutObject: opaque in the middle, transparent in the corners, its colour never above its opacity", () => {
  const white = { data: new Uint8Array(3 * 40 * 40).fill(255), width: 40, height: 40 };
  for (let i = 0; i < 8; i++) {
    const object = cutObject(white, { size: 40, scale: 1, light, random: createRandom("object", i) });
    assert.equal(object.channels, 4);
    const canvas = new Float32Array(40 * 40 * 3);
    drawLayer(canvas, 40, object, AT_REST);
    const at = (x: number, y: number) => canvas[3 * (y * 40 + x)] ?? NaN;
    assert.ok(Math.abs(at(20, 20) - 1) < 1e-5);
    for (const corner of [at(0, 0), at(38, 0), at(0, 38), at(38, 38)]) assert.ok(Math.abs(corner) < 1e-5);
    assert.ok(canvas.every((value) => value > -1e-5 && value < 1 + 1e-5));
  }
});
