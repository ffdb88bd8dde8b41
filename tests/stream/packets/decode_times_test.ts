import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeTimes } from "../../../src/stream/packets/decode_times.ts";
import { mostReordered } from "../../../src/stream/packets/packet_file_writer.ts";

async function timesOf(pts: readonly number[], reordered: number): Promise<bigint[]> {
  const packets = (async function* () {
    for (const time of pts) yield await Promise.resolve({ pts: BigInt(time) });
  })();
  return (await Array.fromAsync(decodeTimes(packets, reordered))).map(({ dts }) => dts);
}

Deno.test("decodeTimes: two segments with B-frames become one stream that is decoded in time", async () => {
  // I P B B | I P B B, each with a decoding order of its own; the second segment is of slower frames.
  const pts = [0, 3, 1, 2, 4, 34, 14, 24];
  assert.equal(mostReordered(pts.map(BigInt)), 1);
  assert.deepEqual(await timesOf(pts, 1), [-1n, 0n, 1n, 2n, 3n, 4n, 14n, 24n]);
});

Deno.test("decodeTimes: packets in their order of showing are decoded when they are shown", async () => {
  assert.deepEqual(await timesOf([0, 5, 7, 100], 0), [0n, 5n, 7n, 100n]);
});

Deno.test("decodeTimes: times rise, and no packet is decoded after it is shown, whatever its segments", async () => {
  const segment = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 5 }), async (segments) => {
    const pts = segments.flatMap((times, k) => times.map((time) => 1000 * k + time));
    const reordered = Math.max(...segments.map((times) => mostReordered(times.map(BigInt))));
    const dts = await timesOf(pts, reordered);
    assert.equal(dts.length, pts.length);
    for (const [i, time] of dts.entries()) {
      assert.ok(time <= BigInt(pts[i] ?? 0), `packet ${i} of ${pts} is decoded at ${time}`);
      assert.ok(i === 0 || time > (dts[i - 1] ?? 0n), `times do not rise: ${dts}`);
    }
  }));
});
