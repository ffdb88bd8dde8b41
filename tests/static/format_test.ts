import assert from "node:assert/strict";
import { formatLatency, formatLeft, formatTime } from "../../static/format.js";

Deno.test("formatTime shows tenths, and hours where there are some", () => {
  assert.deepEqual([0, 9.96, 61.25, 3600, 7384.5].map(formatTime), [
    "0:00.0",
    "0:09.9",
    "1:01.2",
    "1:00:00.0",
    "2:03:04.5",
  ]);
});

Deno.test("formatLatency and formatLeft change their unit with the size", () => {
  assert.deepEqual([null, 12.4, 1234].map(formatLatency), ["–", "12 ms", "1.2 s"]);
  assert.deepEqual([null, 12.4, 600, 7200].map(formatLeft), ["–", "13 s", "10 min", "2.0 h"]);
});
