import assert from "node:assert/strict";
import { DamagedMediaError } from "../../src/errors.ts";
import { untilDamage } from "../../src/stream/until_damage.ts";
import { flatFrame, memorySource, ramp } from "../helpers/memory_media.ts";

Deno.test("untilDamage: damage ends the stream as its last frame would, and is told; nothing else changes", async () => {
  const told: DamagedMediaError[] = [];
  const damaged = memorySource(ramp(3), { damage: "The file is truncated" });
  const frames = await Array.fromAsync(untilDamage(damaged.frames, (error) => told.push(error)));
  assert.equal(frames.length, 3);
  assert.deepEqual(told.map(({ damage }) => damage), ["The file is truncated"]);
  assert.equal((await Array.fromAsync(untilDamage(memorySource(ramp(3)).frames, assert.fail))).length, 3);
});

Deno.test("untilDamage: another failure goes through", async () => {
  const failure = new Error("disk gone");
  const source = memorySource((i) => {
    if (i === 1) throw failure;
    return flatFrame(i, i);
  });
  await assert.rejects(Array.fromAsync(untilDamage(source.frames)), failure);
});

Deno.test("untilDamage: cancelling reaches the source; nothing is read before it is asked for", async () => {
  const source = memorySource(ramp(10));
  const stream = untilDamage(source.frames);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(source.produced, 1, "what the source reads ahead by itself");
  const reason = new Error("enough");
  await stream.cancel(reason);
  assert.equal(source.cancelled, reason);
});
