import assert from "node:assert/strict";
import {
  type CameraPath,
  randomExposure,
  randomHandheld,
  randomMotion,
  viewMap,
} from "../../../src/train/camera/camera_path.ts";
import { createRandom } from "../../../src/train/random.ts";

Deno.test("randomExposure has the zero pose at 0 and the given length", () => {
  for (let i = 0; i < 50; i++) {
    const path = randomExposure({ random: createRandom("path", i), displacement: 12 });
    const { x, y, roll, zoom } = path(0);
    assert.ok(x === 0 && y === 0 && roll === 0 && zoom === 1);
    let length = 0;
    for (let j = -200; j < 200; j++) {
      const [a, b] = [path(j / 400), path((j + 1) / 400)];
      length += Math.hypot(b.x - a.x, b.y - a.y);
    }
    assert.ok(length > 11.9 && length < 12.6, `length ${length}`);
  }
});

Deno.test("randomExposure with displacement 0 does not shift", () => {
  const { x, y } = randomExposure({ random: createRandom(1), displacement: 0 })(0.5);
  assert.equal(Math.hypot(x, y), 0);
});

/** Speed of a path at a time, pixels a frame. */
function speedAt(path: CameraPath, t: number): number {
  const [a, b] = [path(t - 0.01), path(t + 0.01)];
  return Math.hypot(b.x - a.x, b.y - a.y) / 0.02;
}

Deno.test("randomMotion has the zero pose at 0, the crop's own frame", () => {
  for (let i = 0; i < 50; i++) {
    const { x, y, roll, zoom } = randomMotion({ random: createRandom("motion", i), speed: 12 })(0);
    assert.deepEqual([Math.abs(x), Math.abs(y), Math.abs(roll), zoom], [0, 0, 0, 1]);
  }
});

Deno.test("randomMotion has the given speed, on average over paths, in every frame", () => {
  for (const speed of [2, 20]) {
    for (const t of [-1, 0, 1]) {
      let squares = 0;
      for (let i = 0; i < 2000; i++) {
        squares += speedAt(randomMotion({ random: createRandom("motion", i), speed }), t) ** 2;
      }
      const found = Math.sqrt(squares / 2000);
      assert.ok(Math.abs(found / speed - 1) < 0.05, `${found} pixels a frame at ${t}, not ${speed}`);
    }
  }
});

Deno.test("randomMotion is smooth: seven in ten paths are nearly straight, the others curved", () => {
  let straight = 0;
  const directions = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const path = randomMotion({ random: createRandom("motion", i), speed: 10 });
    const [before, after] = [path(-1), path(1)];
    // What it is off half way from the frame before to the one after.
    const bend = Math.hypot(before.x + after.x, before.y + after.y) / 2;
    if (bend < 2.5) straight++;
    directions.add(Math.floor(Math.atan2(after.y, after.x) / Math.PI * 4));
  }
  assert.ok(straight > 650 && straight < 900, `${straight} of 1000`);
  assert.equal(directions.size, 8);
});

Deno.test("randomMotion at speed 0 does not shift, and rotates and zooms no more than given", () => {
  for (let i = 0; i < 50; i++) {
    const path = randomMotion({ random: createRandom("still", i), speed: 0, roll: 0, zoom: 0 });
    for (const t of [-1.5, -0.3, 1.5]) {
      const { x, y, roll, zoom } = path(t);
      assert.deepEqual([Math.abs(x), Math.abs(y), Math.abs(roll), zoom], [0, 0, 0, 1]);
    }
  }
  const rolls = Array.from(
    { length: 500 },
    (_, i) => randomMotion({ random: createRandom("roll", i), speed: 3, roll: 0.02 })(1).roll,
  );
  const deviation = Math.sqrt(rolls.reduce((sum, roll) => sum + roll ** 2, 0) / 500);
  assert.ok(Math.abs(deviation - 0.02) < 0.002, `${deviation}`);
});

Deno.test("randomHandheld stays in its range", () => {
  for (let i = 0; i < 20; i++) {
    const path = randomHandheld({ random: createRandom("hand", i), range: [80, 30] });
    for (let t = 0; t < 20; t += 0.05) {
      const { x, y } = path(t);
      assert.ok(Math.abs(x) <= 80 && Math.abs(y) <= 30, `${x}, ${y} at ${t}`);
    }
  }
});

Deno.test("viewMap rotates and zooms about the centre, and shifts by the pose", () => {
  const pose = { x: 3, y: -2, roll: 0.2, zoom: 1.5 };
  const { a, b, c, d, e, f } = viewMap(pose, { center: [10, 20], target: [100, 200] });
  assert.ok(Math.abs(a * 10 + b * 20 + c - 103) < 1e-9);
  assert.ok(Math.abs(d * 10 + e * 20 + f - 198) < 1e-9);
  assert.ok(
    Math.abs(a * e - b * d - 1 / 1.5 ** 2) < 1e-9,
    "enlarged by 1.5: a pixel sees less than half a pixel's area",
  );
});
