import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import fc from "fast-check";
import { MediaError } from "../src/errors.ts";
import { checkMemory, leastMemory, type PictureLoad, planJobMemory } from "../src/job_memory.ts";

const GIB = 2 ** 30;
const UHD: PictureLoad = { width: 3840, height: 2160, sampleBytes: 1, decodedBytes: 1.5 };

Deno.test("planJobMemory: with plenty, the encoder gets all it can use and the network the rest", () => {
  const plan = planJobMemory("a.mp4", UHD, 64 * GIB);
  assert.equal(plan.decoderThreads, Math.min(16, availableParallelism()));
  assert.ok(plan.encoder >= 200 * 3840 * 2160);
  assert.ok(plan.network > 40 * GIB);
});

Deno.test("planJobMemory: 2 GiB do for UHD; the parts stay within them", () => {
  const plan = planJobMemory("a.mp4", UHD, 2 * GIB);
  assert.ok(plan.least < 2 * GIB);
  assert.ok(plan.encoder + plan.network < 2 * GIB - 300 * 2 ** 20);
});

Deno.test("planJobMemory: what cannot fit is refused in one line with both amounts and what to do", () => {
  const bomb: PictureLoad = { width: 12_000, height: 12_000, sampleBytes: 1, decodedBytes: 1.5 };
  assert.throws(
    () => planJobMemory("bomb.webm", bomb, 2 * GIB),
    (error) =>
      error instanceof MediaError &&
      /^bomb\.webm: Pictures of 12000x12000 take at least \d+\.\d GiB of memory, and 2\.0 GiB may be used\. .*--memory\)$/
        .test(error.message),
  );
});

Deno.test("checkMemory: the copies of neighbouring frames count, and the refusal says how to do without them", () => {
  const single = { width: 3840, height: 2160, kind: "video" } as const;
  const triple = { ...single, neighbours: true };
  const [alone, beside] = [leastMemory(single), leastMemory(triple)];
  assert.ok(beside - alone > 20 * 3 * 3840 * 2160 && beside < 2 * GIB, `${alone} and ${beside} bytes`);
  checkMemory("a.mp4", triple, 2 * GIB);
  checkMemory("a.mp4", single, (alone + beside) / 2);
  assert.throws(
    () => checkMemory("a.mp4", triple, (alone + beside) / 2),
    (error) => error instanceof MediaError && error.message.includes("restore each frame on its own"),
  );
});

Deno.test("planJobMemory: more memory never means less for a part, and no plan exceeds its budget", () => {
  const size = fc.integer({ min: 1, max: 9000 });
  const loads = fc.record({
    width: size,
    height: size,
    sampleBytes: fc.constantFrom<1 | 2>(1, 2),
    decodedBytes: fc.constantFrom(1.5, 3, 6),
  });
  fc.assert(fc.property(loads, fc.integer({ min: 1, max: 64 }), (load, gibs) => {
    const plan = (budget: number) => {
      try {
        return planJobMemory("a.mp4", load, budget);
      } catch {
        return undefined;
      }
    };
    const [some, more] = [plan(gibs * GIB), plan((gibs + 1) * GIB)];
    if (some === undefined) return;
    assert.ok(more && more.encoder >= some.encoder && more.decoderThreads >= some.decoderThreads);
    assert.ok(more.least === some.least && some.least <= gibs * GIB);
    assert.ok(some.encoder + some.network <= gibs * GIB);
  }));
});
