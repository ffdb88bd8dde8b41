import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { mapFrames } from "../../src/stream/map_frames.ts";

function numbers(
  count: number,
  onCancel?: (reason: unknown) => void,
): { stream: ReadableStream<number>; produced: number } {
  const state = {
    produced: 0,
    stream: new ReadableStream<number>({
      pull(controller) {
        if (state.produced === count) controller.close();
        else controller.enqueue(state.produced++);
      },
      ...(onCancel && { cancel: onCancel }),
    }, { highWaterMark: 1 }),
  };
  return state;
}

Deno.test("mapFrames: keeps the order whatever the calls take, with no more in flight than asked", async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 }),
    fc.integer({ min: 1, max: 5 }),
    async (waits, concurrency) => {
      let [running, most] = [0, 0];
      const stage = mapFrames(async (i: number) => {
        most = Math.max(most, ++running);
        await delay(waits[i]);
        running--;
        return i * 10;
      }, { concurrency });
      const results = await Array.fromAsync(numbers(waits.length).stream.pipeThrough(stage));
      assert.deepEqual(results, waits.map((_, i) => i * 10));
      assert.ok(most <= concurrency);
      if (waits.length >= concurrency && waits.every((wait) => wait > 1)) assert.equal(most, concurrency);
    },
  );
  await fc.assert(property, { numRuns: 30 });
});

Deno.test("mapFrames: exactly the asked number is in flight when there is enough to do", async () => {
  for (const concurrency of [1, 2, 4]) {
    let running = 0;
    const gate = Promise.withResolvers<void>();
    const stage = mapFrames(async (i: number) => {
      running++;
      await gate.promise;
      return i;
    }, { concurrency });
    const results = Array.fromAsync(numbers(10).stream.pipeThrough(stage));
    await delay(10);
    assert.equal(running, concurrency);
    gate.resolve();
    assert.equal((await results).length, 10);
  }
});

Deno.test("mapFrames: a sink that never accepts stops the source at the stated marks plus concurrency", async () => {
  const source = numbers(1000);
  const ending = new AbortController();
  const stage = mapFrames((i: number) => i, { concurrency: 3 });
  const never = new WritableStream<number>({ write: () => new Promise(() => {}) }, { highWaterMark: 1 });
  const piped = source.stream.pipeThrough(stage).pipeTo(never, { signal: ending.signal });
  await delay(50);
  assert.equal(source.produced, 1 + 1 + 3 + 1);
  ending.abort();
  piped.catch(() => {});
});

Deno.test("mapFrames: a failing call cancels the source and aborts the sink with its error, at once", async () => {
  const failure = new Error("broken");
  let cancelled: unknown;
  let aborted: unknown;
  let told: unknown;
  const stage = mapFrames((i: number, signal) => {
    if (i === 3) throw failure;
    if (i < 2) return i;
    return new Promise<number>(() => signal.addEventListener("abort", () => told = signal.reason));
  }, { concurrency: 2 });
  const sink = new WritableStream<number>({ abort: (reason) => void (aborted = reason) });
  const source = numbers(10, (reason) => cancelled = reason).stream;
  await assert.rejects(source.pipeThrough(stage).pipeTo(sink), failure);
  await delay(1);
  assert.deepEqual([cancelled, aborted, told], [failure, failure, failure]);
});

Deno.test("mapFrames: aborting its signal ends it at once with the reason, though a call never returns", async () => {
  const ending = new AbortController();
  let cancelled: unknown;
  const stage = mapFrames(() => new Promise<number>(() => {}), { signal: ending.signal });
  const results = Array.fromAsync(numbers(10, (reason) => cancelled = reason).stream.pipeThrough(stage));
  await delay(5);
  const reason = new Error("enough");
  ending.abort(reason);
  await assert.rejects(results, reason);
  await delay(1);
  assert.equal(cancelled, reason);
});

Deno.test("mapFrames: an empty source gives an empty result; a bad concurrency is refused", async () => {
  assert.deepEqual(await Array.fromAsync(numbers(0).stream.pipeThrough(mapFrames((i: number) => i))), []);
  for (const concurrency of [0, -1, 1.5, NaN]) {
    assert.throws(
      () => mapFrames((i: number) => i, { concurrency }),
      /concurrency must be a whole number from 1, not /,
    );
  }
});
