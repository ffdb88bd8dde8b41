import assert from "node:assert/strict";
import { onlyTimes } from "../src/only_times.ts";

Deno.test("onlyTimes: passes on what lies in the range, in order, and frees the rest", async () => {
  const dropped: bigint[] = [];
  const times = [-3n, 0n, 4n, 5n, 9n, 10n];
  const passed = ReadableStream.from(times)
    .pipeThrough(onlyTimes({ from: 0n, until: 9n }, (time: bigint) => time, (time) => dropped.push(time)));
  assert.deepEqual(await Array.fromAsync(passed), [0n, 4n, 5n]);
  assert.deepEqual(dropped, [-3n, 9n, 10n]);
});
