import assert from "node:assert/strict";
import type { Picture } from "../../src/frame.ts";
import { measureMotion } from "../../src/motion/measure_motion.ts";
import { GREY, reducePicture } from "../../src/motion/plane.ts";
import { type CameraView, renderScene } from "../helpers/smooth_scene.ts";

const SIZE = { width: 320, height: 192 };

function between(before: CameraView, after: CameraView): number[] {
  const pictures = [before, after].map((view) => reducePicture(renderScene({ ...SIZE, ...view })));
  return [...measureMotion(pictures[0] as never, pictures[1] as never).values].sort((a, b) => a - b);
}

const median = (sorted: readonly number[]) => sorted[sorted.length >> 1] ?? NaN;

Deno.test("reducePicture: sums of 4 x 4 pixels, what is left over is left out, 16 bits count as 8", () => {
  const grey = (x: number, y: number) => 10 * Math.floor(x / 4) + 40 * Math.floor(y / 4) + (x % 4);
  const bytes = new Uint8Array(3 * 10 * 9);
  for (let y = 0; y < 9; y++) {
    for (let x = 0; x < 10; x++) bytes.set([0, 3 * grey(x, y), 0], 3 * (y * 10 + x));
  }
  const picture: Picture = { data: bytes, width: 10, height: 9 };
  const data = Uint16Array.of(1.5 * GREY, 11.5 * GREY, 41.5 * GREY, 51.5 * GREY);
  assert.deepEqual(reducePicture(picture), { data, width: 2, height: 2 });
  const deep = { ...picture, data: Uint16Array.from(bytes, (value) => 257 * value) };
  assert.deepEqual(reducePicture(deep), { data, width: 2, height: 2 });
});

Deno.test("measureMotion: short movements in any direction are measured, in pixels", () => {
  assert.deepEqual(new Set(between({}, {})), new Set([0]));
  for (const [dx, dy] of [[0.5, 0], [0, 1], [1, -1], [2, 0], [0, -3]] as const) {
    const length = Math.hypot(dx, dy);
    const found = median(between({}, { dx, dy }));
    assert.ok(found > 0.6 * length && found < 2 * length, `${found} for ${length}`);
  }
});

Deno.test("measureMotion: a long movement is long everywhere; noise alone is short", () => {
  for (const view of [{ dx: 9 }, { dx: -15, dy: 6 }, { dx: 60 }]) {
    const [least = NaN] = between({}, view);
    assert.ok(least > 3, `${least} for ${JSON.stringify(view)}`);
  }
  assert.ok(median(between({ noise: 3, seed: 1 }, { noise: 3, seed: 2 })) < 1);
  const wall = { noise: 1, scale: 0.004 };
  assert.ok(median(between({ ...wall, seed: 1 }, { ...wall, seed: 2 })) < 2, "on an even wall too");
});

Deno.test("measureMotion: cells lie where the movement is", () => {
  const [still, moved] = [renderScene(SIZE), renderScene({ ...SIZE, dx: 10 })];
  const mixed = still.data.slice();
  for (let y = 128; y < 192; y++) {
    const [from, to] = [3 * (y * 320 + 256), 3 * (y + 1) * 320];
    mixed.set(moved.data.subarray(from, to), from);
  }
  const { columns, rows, values } = measureMotion(
    reducePicture(still),
    reducePicture({ ...still, data: mixed }),
  );
  assert.deepEqual([columns, rows], [10, 6]);
  const moving = [...values.keys()].filter((i) => (values[i] ?? 0) > 0).map((
    i,
  ) => [i % 10, Math.floor(i / 10)]);
  assert.deepEqual(moving, [[8, 4], [9, 4], [8, 5], [9, 5]]);
});

Deno.test("measureMotion: a movement of one colour alone counts", () => {
  const [before, after] = [renderScene(SIZE), renderScene({ ...SIZE, dx: 10 })];
  for (const channel of [0, 1, 2]) {
    const data = before.data.map((value, i) =>
      i % 3 === channel ? after.data[i] ?? 0 : value
    ) as typeof before.data;
    const { values } = measureMotion(reducePicture(before), reducePicture({ ...before, data }));
    assert.ok(Math.min(...values) > 1, `channel ${channel}: ${Math.min(...values)}`);
  }
});

Deno.test("measureMotion: of pictures smaller than a block nothing can be told", () => {
  const tiny = reducePicture({ data: new Uint8Array(3 * 9 * 3), width: 9, height: 3 });
  assert.deepEqual(measureMotion(tiny, tiny), { columns: 1, rows: 1, values: Float32Array.of(Infinity) });
});
