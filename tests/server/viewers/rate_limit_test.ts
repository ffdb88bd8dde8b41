import assert from "node:assert/strict";
import { RateLimit } from "../../../src/server/viewers/rate_limit.ts";

Deno.test("RateLimit gives a burst at once, then tokens at its rate, and never saves more than a burst", () => {
  let now = 0;
  const limit = new RateLimit({ perSecond: 10, burst: 3, now: () => now });
  const take = (count: number) => Array.from({ length: count }, () => limit.take());
  assert.deepEqual(take(4), [true, true, true, false]);
  now = 100;
  assert.deepEqual(take(2), [true, false]);
  now = 149;
  assert.deepEqual(take(1), [false]);
  now = 60_000;
  assert.deepEqual(take(4), [true, true, true, false]);
});
