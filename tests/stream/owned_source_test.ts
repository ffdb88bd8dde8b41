import assert from "node:assert/strict";
import { DamagedMediaError } from "../../src/errors.ts";
import type { Frame } from "../../src/frame.ts";
import { type FrameReader, OwnedSource } from "../../src/stream/owned_source.ts";
import { flatFrame, MEMORY_INFO } from "../helpers/memory_media.ts";

/** A reader of which every `next` waits until the test settles it. */
class HeldReader implements FrameReader {
  /** In order: "next", "settled", "interrupt", "free". */
  readonly events: string[] = [];
  damage: string | undefined;
  freeing: Promise<void> = Promise.resolve();
  #next = Promise.withResolvers<Frame | undefined>();

  async next(): Promise<Frame | undefined> {
    this.events.push("next");
    try {
      return await this.#next.promise;
    } finally {
      this.events.push("settled");
      this.#next = Promise.withResolvers();
    }
  }

  give(frame: Frame | undefined): void {
    this.#next.resolve(frame);
  }

  fail(error: unknown): void {
    this.#next.reject(error);
  }

  interrupt(): void {
    this.events.push("interrupt");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.events.push("free");
    await this.freeing;
  }

  /** How often it was freed. */
  get freed(): number {
    return this.events.filter((event) => event === "free").length;
  }
}

const REASON = new Error("enough");

/** Ways to end a source from outside, and what `frames` then says. */
const ENDINGS: readonly (readonly [
  name: string,
  end: (source: OwnedSource, reader: ReadableStreamDefaultReader<Frame>, ending: AbortController) => unknown,
  said: RegExp | undefined,
])[] = [
  ["aborted", (_, __, ending) => ending.abort(REASON), /^Error: enough$/],
  ["disposed", (source) => source[Symbol.asyncDispose](), /memory: The source was disposed/],
  ["cancelled", (_, reader) => reader.cancel(REASON), undefined],
];

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

for (const [name, end, said] of ENDINGS) {
  const expectEnd = async (reader: ReadableStreamDefaultReader<Frame>) => {
    if (said) await assert.rejects(reader.closed, said);
    else await reader.closed;
  };

  for (const highWaterMark of [0, 1] as const) {
    Deno.test(`OwnedSource: ${name} before the first frame is asked for, at mark ${highWaterMark}`, async () => {
      const [held, ending] = [new HeldReader(), new AbortController()];
      const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal, highWaterMark });
      const reader = source.frames.getReader();
      const ended = end(source, reader, ending);
      await expectEnd(reader);
      held.give(undefined);
      await ended;
      await source[Symbol.asyncDispose]();
      assert.equal(held.freed, 1);
      assert.equal(held.events.at(-1), "free");
    });
  }

  Deno.test(`OwnedSource: ${name} while a frame is being read: said at once, freed only after the frame`, async () => {
    const [held, ending] = [new HeldReader(), new AbortController()];
    const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal });
    const reader = source.frames.getReader();
    const reading = reader.read();
    reading.catch(() => {});
    await settle();
    const ended = end(source, reader, ending);
    await expectEnd(reader);
    await settle();
    assert.deepEqual(held.events, ["next", "interrupt"]);
    const frame = flatFrame(1, 0);
    held.give(frame);
    await ended;
    await source[Symbol.asyncDispose]();
    assert.deepEqual(held.events, ["next", "interrupt", "settled", "free"]);
    assert.equal(frame.data.length, 0, "nobody owns the frame any more");
    await expectEnd(reader);
  });

  Deno.test(`OwnedSource: ${name} while a frame is being read that then fails: the failure is not told`, async () => {
    const [held, ending] = [new HeldReader(), new AbortController()];
    const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal });
    const reader = source.frames.getReader();
    await settle();
    const ended = end(source, reader, ending);
    held.fail(new Error("interrupted"));
    await ended;
    await source[Symbol.asyncDispose]();
    await expectEnd(reader);
    assert.equal(held.freed, 1);
  });

  Deno.test(`OwnedSource: ${name} between two frames`, async () => {
    const [held, ending] = [new HeldReader(), new AbortController()];
    const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal, highWaterMark: 0 });
    const reader = source.frames.getReader();
    held.give(flatFrame(1, 0));
    assert.equal((await reader.read()).value?.pts, 0n);
    await end(source, reader, ending);
    await expectEnd(reader);
    await source[Symbol.asyncDispose]();
    assert.deepEqual(held.events, ["next", "settled", "interrupt", "free"]);
  });

  Deno.test(`OwnedSource: ${name} after the last frame changes nothing`, async () => {
    const [held, ending] = [new HeldReader(), new AbortController()];
    const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal });
    held.give(undefined);
    assert.deepEqual(await Array.fromAsync(source.frames), []);
    const reader = source.frames.getReader();
    await end(source, reader, ending);
    await reader.closed;
    await source[Symbol.asyncDispose]();
    assert.equal(held.freed, 1);
  });
}

Deno.test("OwnedSource: a signal that is aborted already ends it before anything is read", async () => {
  const held = new HeldReader();
  await using source = new OwnedSource(MEMORY_INFO, held, { signal: AbortSignal.abort(REASON) });
  await assert.rejects(source.frames.getReader().read(), REASON);
  await source[Symbol.asyncDispose]();
  assert.deepEqual(held.events, ["interrupt", "free"]);
});

Deno.test("OwnedSource: the last frame ends it, and frees it without being disposed", async () => {
  const held = new HeldReader();
  const source = new OwnedSource(MEMORY_INFO, held);
  const frames = Array.fromAsync(source.frames);
  held.give(flatFrame(1, 0));
  await settle();
  held.give(undefined);
  assert.deepEqual((await frames).map(({ pts }) => pts), [0n]);
  await settle();
  assert.equal(held.freed, 1);
});

Deno.test("OwnedSource: a failure ends it with that failure, and frees it", async () => {
  const held = new HeldReader();
  const source = new OwnedSource(MEMORY_INFO, held);
  const failure = new Error("disk gone");
  held.fail(failure);
  await assert.rejects(Array.fromAsync(source.frames), failure);
  await source[Symbol.asyncDispose]();
  assert.equal(held.freed, 1);
});

Deno.test("OwnedSource: what is damaged at the end ends it with a DamagedMediaError, after every frame", async () => {
  for (const highWaterMark of [0, 1] as const) {
    const held = new HeldReader();
    const source = new OwnedSource(MEMORY_INFO, held, { highWaterMark });
    const reader = source.frames.getReader();
    held.give(flatFrame(1, 0));
    await settle();
    held.damage = "The file is truncated";
    held.give(undefined);
    await settle();
    assert.equal((await reader.read()).value?.pts, 0n);
    held.give(undefined);
    await assert.rejects(reader.read(), (error) => {
      assert.ok(error instanceof DamagedMediaError);
      assert.deepEqual([error.message, error.damage], ["memory: The file is truncated", held.damage]);
      return true;
    });
    assert.equal(source.damage, held.damage);
    await source[Symbol.asyncDispose]();
    assert.equal(held.freed, 1);
  }
});

Deno.test("OwnedSource: aborted, cancelled and disposed all at once, it is freed once, and what fails then is told to who disposes", async () => {
  const [held, ending] = [new HeldReader(), new AbortController()];
  held.freeing = Promise.reject(new Error("cannot close"));
  held.freeing.catch(() => {});
  const source = new OwnedSource(MEMORY_INFO, held, { signal: ending.signal });
  await settle();
  ending.abort(REASON);
  const disposed = [source[Symbol.asyncDispose](), source[Symbol.asyncDispose]()];
  held.give(undefined);
  for (const each of disposed) await assert.rejects(each, /cannot close/);
  await assert.rejects(source.frames.cancel(), REASON);
  assert.equal(held.freed, 1);
});
