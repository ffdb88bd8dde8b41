import assert from "node:assert/strict";
import { StopSignals } from "../src/stop_signals.ts";

Deno.test("StopSignals: the first one aborts the signal, with a reason", () => {
  const signals = new StopSignals();
  assert.equal(signals.signal.aborted, false);
  signals.stop(0);
  assert.equal(signals.signal.reason.name, "AbortError");
});

Deno.test("StopSignals: a signal that is caught calls its handle, once; the next one aborts the signal", () => {
  const signals = new StopSignals();
  let calls = 0;
  signals.catchStop(() => calls++);
  signals.stop(0);
  assert.deepEqual([calls, signals.signal.aborted], [1, false]);
  signals.stop(1000);
  assert.deepEqual([calls, signals.signal.aborted], [1, true]);
});

Deno.test("StopSignals: signals within half a second are one, however long a key is held", () => {
  const signals = new StopSignals();
  let calls = 0;
  signals.catchStop(() => calls++);
  for (const now of [0, 2, 200, 499]) signals.stop(now);
  assert.deepEqual([calls, signals.signal.aborted], [1, false]);
  signals.stop(600);
  assert.equal(signals.signal.aborted, true);
});
