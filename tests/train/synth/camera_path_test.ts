import assert from "node:assert/strict";
import { randomExposure, randomHandheld, viewMap } from "../../../src/train/synth/camera_path.ts";
import { createRandom } from "../../../src/train/random.ts";

Deno.test("randomExposure rests at 0 and is as long as asked", () => {
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

Deno.test("randomHandheld stays in its range", () => {
  for (let i = 0; i < 20; i++) {
    const path = randomHandheld({ random: createRandom("hand", i), range: [80, 30] });
    for (let t = 0; t < 20; t += 0.05) {
      const { x, y } = path(t);
      assert.ok(Math.abs(x) <= 80 && Math.abs(y) <= 30, `${x}, ${y} at ${t}`);
    }
  }
});

Deno.test("viewMap turns and enlarges about the centre, and shifts by the pose", () => {
  const pose = { x: 3, y: -2, roll: 0.2, zoom: 1.5 };
  const { a, b, c, d, e, f } = viewMap(pose, { center: [10, 20], target: [100, 200] });
  assert.ok(Math.abs(a * 10 + b * 20 + c - 103) < 1e-9);
  assert.ok(Math.abs(d * 10 + e * 20 + f - 198) < 1e-9);
  assert.ok(
    Math.abs(a * e - b * d - 1 / 1.5 ** 2) < 1e-9,
    "enlarged by 1.5: a pixel sees less than half a pixel's area",
  );
});
