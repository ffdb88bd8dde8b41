import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type { Frame } from "../../src/frame.ts";
import { PartFile } from "../../src/part_file.ts";
import { type FrameWriter, OwnedSink } from "../../src/stream/owned_sink.ts";
import { flatFrame } from "../helpers/memory_media.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

type Step = "write" | "finish" | "free";

/** A writer whose steps wait until the test settles them, if it is told to hold them. */
class HeldWriter implements FrameWriter {
  readonly events: string[] = [];
  readonly notes: string[] = [];
  readonly #held = new Map<Step, PromiseWithResolvers<void>>();

  /** The next step of this kind waits for {@linkcode release}. */
  hold(step: Step): void {
    this.#held.set(step, Promise.withResolvers());
  }

  /** Ends what is held: well, or with an error. */
  release(step: Step, error?: unknown): void {
    const held = this.#held.get(step);
    this.#held.delete(step);
    if (error === undefined) held?.resolve();
    else held?.reject(error);
  }

  async #do(step: Step): Promise<void> {
    this.events.push(step);
    await this.#held.get(step)?.promise;
  }

  write(_frame: Frame): Promise<void> {
    return this.#do("write");
  }

  finish(): Promise<void> {
    return this.#do("finish");
  }

  interrupt(): void {
    this.events.push("interrupt");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#do("free");
  }

  get freed(): number {
    return this.events.filter((event) => event === "free").length;
  }
}

async function heldSink() {
  const folder = await temporaryFolder();
  const path = folder.file("out.mp4");
  const part = await PartFile.create(path);
  await writeFile(part.partPath, "whole");
  const writer = new HeldWriter();
  return {
    path,
    writer,
    sink: new OwnedSink(path, part, writer),
    names: async () => (await readdir(folder.path)).sort(),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const REASON = new Error("enough");

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Ways to give an output up, and what a step then running is told. */
const ENDINGS: readonly (readonly [
  name: string,
  end: (sink: OwnedSink, writer: WritableStreamDefaultWriter<Frame>) => Promise<void>,
  said: RegExp,
])[] = [
  ["aborted", (_, writer) => writer.abort(REASON), /enough/],
  ["disposed", (sink) => sink[Symbol.asyncDispose](), /out\.mp4: The output was disposed/],
];

for (const [name, end, said] of ENDINGS) {
  Deno.test(`OwnedSink: ${name} before the first frame`, async () => {
    await using held = await heldSink();
    const writer = held.sink.frames.getWriter();
    writer.closed.catch(() => {});
    await end(held.sink, writer);
    await assert.rejects(writer.write(flatFrame(1, 0)), said);
    await held.sink[Symbol.asyncDispose]();
    assert.deepEqual([held.writer.freed, await held.names()], [1, []]);
  });

  Deno.test(`OwnedSink: ${name} while a frame is being written: freed, and the file removed, only after it`, async () => {
    await using held = await heldSink();
    const writer = held.sink.frames.getWriter();
    writer.closed.catch(() => {});
    held.writer.hold("write");
    const writing = writer.write(flatFrame(1, 0));
    writing.catch(() => {});
    await settle();
    const ended = end(held.sink, writer);
    await settle();
    assert.deepEqual(held.writer.events, ["write", "interrupt"]);
    assert.deepEqual(await held.names(), ["out.mp4.part", "out.mp4.part.lock"]);
    held.writer.release("write");
    await ended;
    await held.sink[Symbol.asyncDispose]();
    assert.deepEqual([held.writer.freed, held.writer.events.at(-1)], [1, "free"]);
    assert.deepEqual(await held.names(), []);
  });

  Deno.test(`OwnedSink: ${name} while a frame is being written that then fails`, async () => {
    await using held = await heldSink();
    const writer = held.sink.frames.getWriter();
    writer.closed.catch(() => {});
    held.writer.hold("write");
    const writing = assert.rejects(writer.write(flatFrame(1, 0)));
    await settle();
    const ended = end(held.sink, writer);
    held.writer.release("write", new Error("interrupted"));
    await writing;
    await ended.catch(() => {});
    await held.sink[Symbol.asyncDispose]();
    assert.deepEqual([held.writer.freed, await held.names()], [1, []]);
  });

  for (const step of ["finish", "free"] as const) {
    Deno.test(`OwnedSink: ${name} while it is being closed (${step}): nothing is freed under it, and nothing left`, async () => {
      await using held = await heldSink();
      const writer = held.sink.frames.getWriter();
      await writer.write(flatFrame(1, 0));
      held.writer.hold(step);
      const closing = assert.rejects(writer.close(), said);
      writer.closed.catch(() => {});
      await settle();
      const ended = end(held.sink, writer);
      ended.catch(() => {});
      await settle();
      assert.equal(held.writer.freed, step === "free" ? 1 : 0);
      assert.deepEqual(await held.names(), ["out.mp4.part", "out.mp4.part.lock"]);
      held.writer.release(step);
      await closing;
      await ended.catch((error) => assert.match(String(error), said));
      await held.sink[Symbol.asyncDispose]();
      assert.deepEqual([held.writer.freed, await held.names()], [1, []]);
    });
  }

  Deno.test(`OwnedSink: ${name} once complete changes nothing`, async () => {
    await using held = await heldSink();
    const writer = held.sink.frames.getWriter();
    await writer.write(flatFrame(1, 0));
    await writer.close();
    await end(held.sink, writer);
    await held.sink[Symbol.asyncDispose]();
    assert.deepEqual(held.writer.events, ["write", "finish", "free"]);
    assert.deepEqual(await held.names(), ["out.mp4"]);
    assert.equal(await readFile(held.path, "utf8"), "whole");
  });
}

for (const step of ["write", "finish", "free"] as const) {
  Deno.test(`OwnedSink: a failing ${step} is told, and nothing is left without its being disposed`, async () => {
    await using held = await heldSink();
    const writer = held.sink.frames.getWriter();
    writer.closed.catch(() => {});
    const failure = new Error("disk full");
    held.writer.hold(step);
    const done = writer.write(flatFrame(1, 0)).then(() => writer.close());
    done.catch(() => {});
    await settle();
    held.writer.release(step, failure);
    await assert.rejects(done, failure);
    await settle();
    assert.deepEqual([held.writer.freed, await held.names()], [1, []]);
    const disposing = held.sink[Symbol.asyncDispose]();
    if (step === "free") await assert.rejects(disposing, failure);
    else await disposing;
  });
}

Deno.test("OwnedSink: closed without a frame it fails, and leaves nothing", async () => {
  await using held = await heldSink();
  await assert.rejects(held.sink.frames.close(), /out\.mp4: The output was closed before any frame came/);
  assert.deepEqual([held.writer.events, await held.names()], [["interrupt", "free"], []]);
});

Deno.test("OwnedSink: finishAs gives it another name; an output that is in the way by then stays, and fails it", async () => {
  await using held = await heldSink();
  const writer = held.sink.frames.getWriter();
  await writer.write(flatFrame(1, 0));
  writer.releaseLock();
  await held.sink.finishAs(held.path.replace("out", "partial"));
  assert.deepEqual(await held.names(), ["partial.mp4"]);
  await using late = await heldSink();
  const other = late.sink.frames.getWriter();
  await other.write(flatFrame(1, 0));
  await writeFile(late.path, "mine");
  other.closed.catch(() => {});
  await assert.rejects(other.close(), /The output exists/);
  assert.deepEqual(await late.names(), ["out.mp4"]);
  assert.equal(await readFile(late.path, "utf8"), "mine");
});

Deno.test("OwnedSink: aborted and disposed at once, twice, it is freed once", async () => {
  await using held = await heldSink();
  const writer = held.sink.frames.getWriter();
  writer.closed.catch(() => {});
  held.writer.hold("write");
  writer.write(flatFrame(1, 0)).catch(() => {});
  await settle();
  const ended = [
    writer.abort(REASON),
    held.sink[Symbol.asyncDispose](),
    held.sink[Symbol.asyncDispose](),
  ];
  held.writer.release("write");
  await Promise.all(ended);
  assert.deepEqual([held.writer.freed, await held.names()], [1, []]);
});
