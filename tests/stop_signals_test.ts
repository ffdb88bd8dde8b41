import assert from "node:assert/strict";
import { StopSignals } from "../src/stop_signals.ts";

Deno.test("StopSignals: the first request aborts the signal, with a reason", () => {
  const stop = new StopSignals();
  assert.equal(stop.signal.aborted, false);
  stop.request(0);
  assert.equal(stop.signal.reason.name, "AbortError");
});

Deno.test("StopSignals: a request that is caught calls its handle, once; the next one aborts the signal", () => {
  const stop = new StopSignals();
  let calls = 0;
  stop.catchNext(() => calls++);
  stop.request(0);
  assert.deepEqual([calls, stop.signal.aborted], [1, false]);
  stop.request(1000);
  assert.deepEqual([calls, stop.signal.aborted], [1, true]);
});

Deno.test("StopSignals: signals within half a second are one request, however long a key is held", () => {
  const stop = new StopSignals();
  let calls = 0;
  stop.catchNext(() => calls++);
  for (const now of [0, 2, 200, 499]) stop.request(now);
  assert.deepEqual([calls, stop.signal.aborted], [1, false]);
  stop.request(600);
  assert.equal(stop.signal.aborted, true);
});
