import assert from "node:assert/strict";
import { FULL_STRENGTH } from "../src/model/restore/strength.ts";
import type { MotionGrid } from "../src/motion/measure_motion.ts";
import { isRepetition, strengthBetween } from "../src/still_parts.ts";

/** Movement of five cells in a row, pixels. */
const moving = (...pixels: number[]): MotionGrid => ({
  columns: 5,
  rows: 1,
  values: Float32Array.from(pixels),
});
const of = (before?: MotionGrid, after?: MotionGrid, earlier = FULL_STRENGTH) => [
  ...strengthBetween(before, after, earlier).values,
];

const AWAY = moving(0, 0, 0, 0, 10);
const SLOW = moving(0, 0, 0, 0, 3.75);
const STILL = moving(0, 0, 0, 0, 1);
const REPEATED = moving(0, 0, 0, 0, 0);

Deno.test("strengthBetween: 0 up to 2.5 pixels, 1 from 5 on, and half between; one cell around counts too", () => {
  assert.deepEqual(of(AWAY, AWAY), [0, 0, 0, 1, 1]);
  assert.deepEqual(of(SLOW, SLOW), [0, 0, 0, 0.5, 0.5]);
  assert.deepEqual(of(STILL, STILL), [0, 0, 0, 0, 0]);
});

Deno.test("strengthBetween: a part has to move on both sides; with one side only, that decides; without any, all is restored", () => {
  assert.deepEqual(of(AWAY, STILL), [0, 0, 0, 0, 0]);
  assert.deepEqual(of(undefined, AWAY), [0, 0, 0, 1, 1]);
  assert.deepEqual(of(AWAY, undefined), [0, 0, 0, 1, 1]);
  assert.deepEqual(strengthBetween(undefined, undefined, FULL_STRENGTH), FULL_STRENGTH);
});

Deno.test("strengthBetween: a repeated frame is judged as the one before it, which nothing after it makes weaker", () => {
  assert.ok(isRepetition(REPEATED) && !isRepetition(STILL));
  const earlier = strengthBetween(SLOW, SLOW, FULL_STRENGTH);
  assert.deepEqual(of(REPEATED, AWAY, earlier), [0, 0, 0, 0.5, 0.5]);
  assert.deepEqual(of(STILL, REPEATED, earlier), [0, 0, 0, 0.5, 0.5]);
  assert.deepEqual(of(AWAY, REPEATED, earlier), [0, 0, 0, 1, 1]);
});
