import assert from "node:assert/strict";
import { ViewerStats } from "../../../src/server/viewers/viewer_stats.ts";

function statsAt() {
  const clock = { now: 0 };
  return { clock, stats: new ViewerStats(() => clock.now) };
}

Deno.test("ViewerStats: frames a second over the last seconds, 0 before the first", () => {
  const { clock, stats } = statsAt();
  assert.equal(stats.summary().framesPerSecond, 0);
  for (let i = 0; i <= 10; i++) {
    clock.now = 100 * i;
    stats.sent(i, clock.now);
  }
  assert.equal(stats.summary().framesPerSecond, 10);
  clock.now = 7000;
  assert.equal(stats.summary().framesPerSecond, 0, "the last frame is more than five seconds ago");
});

Deno.test("ViewerStats: the latency is the median from decoding to the report of painting, each frame once", () => {
  const { clock, stats } = statsAt();
  assert.equal(stats.summary().latencyMs, null);
  for (const [sequence, latency] of [10, 1000, 20].entries()) {
    stats.sent(sequence, clock.now);
    clock.now += latency;
    stats.painted(sequence);
    stats.painted(sequence);
  }
  stats.painted(99);
  assert.equal(stats.summary().latencyMs, 20);
  stats.reset();
  assert.equal(stats.summary().latencyMs, null);
});

Deno.test("ViewerStats: keeps the last frames only of a page that reports none as painted", () => {
  const { clock, stats } = statsAt();
  for (let i = 0; i < 1000; i++) stats.sent(i, 0);
  clock.now = 5;
  stats.painted(0);
  assert.equal(stats.summary().latencyMs, null, "too long ago");
  stats.painted(999);
  assert.equal(stats.summary().latencyMs, 5);
});
