import assert from "node:assert/strict";
import { StopWishes } from "../src/stop_signals.ts";

Deno.test("StopWishes: the first wish aborts the signal, with a reason", () => {
  const stop = new StopWishes();
  assert.equal(stop.signal.aborted, false);
  stop.wish(0);
  assert.equal(stop.signal.reason.name, "AbortError");
});

Deno.test("StopWishes: a wish that is caught calls its handle, once; the next one aborts the signal", () => {
  const stop = new StopWishes();
  let calls = 0;
  stop.catchStop(() => calls++);
  stop.wish(0);
  assert.deepEqual([calls, stop.signal.aborted], [1, false]);
  stop.wish(1000);
  assert.deepEqual([calls, stop.signal.aborted], [1, true]);
});

Deno.test("StopWishes: signals within half a second are one wish, however long a key is held", () => {
  const stop = new StopWishes();
  let calls = 0;
  stop.catchStop(() => calls++);
  for (const now of [0, 2, 200, 499]) stop.wish(now);
  assert.deepEqual([calls, stop.signal.aborted], [1, false]);
  stop.wish(600);
  assert.equal(stop.signal.aborted, true);
});
