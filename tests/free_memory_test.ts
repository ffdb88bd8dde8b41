import assert from "node:assert/strict";
import { defaultMemory, describeBytes, freeMemory, type SystemMemory } from "../src/free_memory.ts";

const GIB = 2 ** 30;

function system(available: number, limit: number, rss: number): SystemMemory {
  return {
    availableMemory: () => available,
    constrainedMemory: () => limit,
    memoryUsage: { rss: () => rss },
  };
}

Deno.test("freeMemory: what the machine has left, or the limit of the control group where that is less", () => {
  assert.equal(freeMemory(system(8 * GIB, 0, GIB)), 8 * GIB, "no limit");
  assert.equal(freeMemory(system(8 * GIB, 2 ** 63, GIB)), 8 * GIB, "a limit beyond every machine");
  assert.equal(freeMemory(system(8 * GIB, 2 * GIB, GIB / 2)), 1.5 * GIB, "a container of 2 GiB");
  assert.equal(freeMemory(system(GIB, 4 * GIB, GIB / 2)), GIB, "a limit that the machine cannot give");
  assert.equal(freeMemory(system(GIB, GIB, 2 * GIB)), 0);
  assert.ok(freeMemory() > 0, "this machine has some");
});

Deno.test("defaultMemory: what this process has, and three quarters of what is free", () => {
  assert.equal(defaultMemory(system(8 * GIB, 0, GIB)), 7 * GIB);
});

Deno.test("describeBytes: in GiB from one on, below in whole MiB", () => {
  assert.deepEqual([2.04 * GIB, GIB, 350.2 * 2 ** 20].map(describeBytes), ["2.0 GiB", "1.0 GiB", "351 MiB"]);
});
