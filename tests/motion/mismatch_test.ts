import assert from "node:assert/strict";
import type { Picture } from "../../src/frame.ts";
import { mismatch } from "../../src/motion/mismatch.ts";
import { reducePicture } from "../../src/motion/plane.ts";
import { renderScene } from "../helpers/smooth_scene.ts";

const SIZE = { width: 160, height: 128 };
const between = (a: Picture, b: Picture) => mismatch(reducePicture(a), reducePicture(b));

Deno.test("mismatch: none between equal pictures, little with noise, large between two scenes", () => {
  const scene = renderScene(SIZE);
  assert.equal(between(scene, scene), 0);
  assert.ok(between(scene, renderScene({ ...SIZE, noise: 6 })) < 0.2);
  assert.ok(between(scene, renderScene({ ...SIZE, dx: 900, dy: 400 })) > 1.1);
});

Deno.test("mismatch: noise on an even wall is none; of tiny pictures nothing can be told", () => {
  const wall = { ...SIZE, scale: 0.0005 };
  assert.ok(between(renderScene({ ...wall, noise: 1 }), renderScene({ ...wall, noise: 1, seed: 2 })) < 1);
  const tiny = (value: number): Picture => ({
    data: new Uint8Array(3 * 20).fill(value),
    width: 5,
    height: 4,
  });
  assert.equal(between(tiny(0), tiny(255)), 0);
});
