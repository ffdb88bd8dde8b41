import assert from "node:assert/strict";
import fc from "fast-check";
import { planSegments } from "../../src/jobs/plan_segments.ts";

Deno.test("planSegments: every frame is in exactly one segment, and those around it are read", () => {
  const frames = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 300 });
  fc.assert(fc.property(frames, fc.integer({ min: 1, max: 120 }), (list, length) => {
    const times = list.sort((a, b) => a - b);
    const segments = planSegments({ times, from: -10, until: 9999 }, length);
    assert.equal(segments[0]?.from, -10);
    assert.equal(segments.at(-1)?.until, 9999);
    assert.equal(segments.reduce((sum, { frames }) => sum + frames, 0), times.length);
    for (const [k, { from, until, readFrom, readUntil, frames }] of segments.entries()) {
      if (k > 0) assert.equal(from, segments[k - 1]?.until);
      assert.equal(times.filter((time) => time >= from && time < until).length, frames);
      assert.ok(readFrom <= from && readUntil >= until);
      const before = times.filter((time) => time < from).length;
      const after = times.filter((time) => time >= until).length;
      assert.equal(times.filter((time) => time >= readFrom && time < from).length, Math.min(32, before));
      assert.equal(times.filter((time) => time >= until && time < readUntil).length, Math.min(9, after));
    }
  }));
});

Deno.test("planSegments: cuts at fixed frame numbers, and adds a short rest to the last segment", () => {
  const times = Array.from({ length: 24 }, (_, i) => 10 * i);
  const cuts = (length: number) =>
    planSegments({ times, from: 0, until: 240 }, length).map(({ frames }) => frames);
  assert.deepEqual(cuts(10), [10, 14]);
  assert.deepEqual(cuts(9), [9, 9, 6]);
  assert.deepEqual(cuts(100), [24]);
});
