import assert from "node:assert/strict";
import { align } from "../../../src/train/evaluate/align.ts";
import { psnr } from "../../../src/train/evaluate/metrics.ts";
import { type CameraView, renderScene } from "../../helpers/smooth_scene.ts";

const SIZE = { width: 120, height: 96 };
const view = (options: CameraView = {}) => renderScene({ ...SIZE, ...options });

for (
  const [dx, dy, scale] of [[0, 0, 1], [0.5, -0.25, 1], [3.3, -7.6, 0.7], [-9.9, 9.1, 1.2], [
    -2,
    5,
    0.5,
  ]] as const
) {
  Deno.test(`align finds a translation of ${dx}, ${dy} and a scale of ${scale}`, () => {
    const aligned = align(view(), view({ dx, dy, scale }));
    assert.ok(Math.abs(aligned.dx - dx) < 0.02, `dx ${aligned.dx}`);
    assert.ok(Math.abs(aligned.dy - dy) < 0.02, `dy ${aligned.dy}`);
    assert.ok(Math.abs(aligned.scale - scale) < 0.005, `scale ${aligned.scale}`);
    assert.ok(
      psnr(aligned.picture, aligned.reference) > 45,
      `${psnr(aligned.picture, aligned.reference)} dB`,
    );
  });
}

Deno.test("align leaves a smaller error than translations and scales around what it found", () => {
  const [picture, reference] = [
    view({ noise: 6, seed: 1 }),
    view({ dx: 2.4, dy: -1.7, scale: 0.8, noise: 6 }),
  ];
  const { dx, dy, scale } = align(picture, reference);
  const error = (dx: number, dy: number, scale: number) => -psnr(view({ dx, dy, scale }), reference);
  const least = error(dx, dy, scale);
  for (const [x, y] of [[0.3, 0], [-0.3, 0], [0, 0.3], [0, -0.3]] as const) {
    assert.ok(error(dx + x, dy + y, scale) > least, `${x}, ${y}`);
    assert.ok(error(dx, dy, scale + (x + y) / 10) > least, `scale by ${(x + y) / 10}`);
  }
});

Deno.test("align crops both pictures by the largest translation and the reach of the interpolation", () => {
  const { picture, reference } = align(view(), view(), { maxShift: 5 });
  assert.deepEqual([picture.width, picture.height], [120 - 16, 96 - 16]);
  assert.deepEqual([reference.width, reference.height], [120 - 16, 96 - 16]);
  assert.deepEqual(
    reference.data.subarray(0, 3),
    view().data.subarray(3 * (8 * 120 + 8), 3 * (8 * 120 + 8) + 3),
  );
});

Deno.test("align of a black picture is black, without a division by zero", () => {
  const black = { ...SIZE, data: new Uint8Array(3 * 120 * 96) };
  const { scale, picture } = align(black, view());
  assert.equal(scale, 0);
  assert.ok(picture.data.every((value) => value === 0));
});

Deno.test("align refuses pictures of different sizes, of 16 bits, and too small ones", () => {
  const deep = { ...SIZE, data: new Uint16Array(3 * 120 * 96) };
  assert.throws(() => align(view(), renderScene({ width: 96, height: 120 })), {
    name: "RangeError",
    message: /120 x 96.*96 x 120/,
  });
  assert.throws(() => align(deep, view()), { name: "RangeError", message: /16 bits/ });
  assert.throws(() => align(view(), view(), { maxShift: 45 }), {
    name: "RangeError",
    message: /the sides must be above 96/,
  });
});

Deno.test("align finds the shift of a fine repeated pattern, which coarse sizes do not show", () => {
  for (const [side, dx, dy] of [[200, -7.2, 5.5], [800, 3.3, -2]] as const) {
    const size = { width: side, height: side };
    const aligned = align(renderScene(size), renderScene({ ...size, dx, dy, scale: 0.9, noise: 3 }));
    const found = [aligned.dx, aligned.dy, aligned.scale];
    [dx, dy, 0.9].forEach((expected, i) =>
      assert.ok(Math.abs((found[i] ?? NaN) - expected) < 0.03, `${found}`)
    );
  }
});
