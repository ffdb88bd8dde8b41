import fc from "fast-check";
import assert from "node:assert/strict";
import { FrameTimes } from "../../../src/server/sources/frame_times.ts";

const times = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 80 })
  .map((steps) =>
    Float64Array.from(steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 0) + step / 90], []))
  );

Deno.test("FrameTimes: every frame is found at its time, and none between two", () => {
  fc.assert(fc.property(times, (seconds) => {
    const known = new FrameTimes(seconds);
    assert.deepEqual([known.count, known.last], [seconds.length, seconds.at(-1)]);
    seconds.forEach((time, i) => {
      assert.deepEqual([known.at(i), known.indexOf(time), known.firstFrom(time)], [time, i, i]);
      assert.equal(known.indexOf(time + 0.005), undefined);
      assert.equal(known.firstFrom(time + 0.005), i + 1);
    });
  }));
});

Deno.test("FrameTimes: numbers beyond the ends are those of the first and the last frame", () => {
  const known = new FrameTimes(Float64Array.of(0, 0.04, 0.2));
  assert.deepEqual([known.at(-3), known.at(9)], [0, 0.2]);
});

Deno.test("FrameTimes.before is a time from which on exactly so many frames come before", () => {
  fc.assert(fc.property(times, fc.nat(79), fc.nat(10), (seconds, at, lead) => {
    const known = new FrameTimes(seconds);
    const index = at % seconds.length;
    const from = known.before(seconds[index] ?? 0, lead);
    const coming = seconds.filter((time) => time >= from && time < (seconds[index] ?? 0));
    assert.equal(coming.length, Math.min(index, lead));
  }));
});
