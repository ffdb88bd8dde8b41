import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { deblur } from "../src/deblur.ts";
import { MediaError } from "../src/errors.ts";
import { createOutput } from "../src/stream/create_output.ts";
import { openMedia } from "../src/stream/open_media.ts";
import { collectFrames } from "./helpers/collect_frames.ts";
import { engineOf, fakeEngine } from "./helpers/fake_engine.ts";
import { makeClip } from "./helpers/make_clip.ts";
import { flatFrame, memorySink, memorySource, ramp } from "./helpers/memory_media.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

const identity = () => fakeEngine((picture) => ({ ...picture, data: picture.data.slice() }));

Deno.test("deblur: aborting does not wait for the picture being restored, and leaves nothing", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input);
  const ending = new AbortController();
  await using source = await openMedia(input);
  await using sink = await createOutput(folder.file("out.mp4"), { source: source.info });
  const reason = new Error("enough");
  let runs = 0;
  const engine = engineOf((picture) => {
    if (++runs <= 3) return Promise.resolve({ input: picture, image: picture });
    setTimeout(() => ending.abort(reason));
    return new Promise(() => {});
  });
  const running = deblur(source, sink, engine, { signal: ending.signal });
  await assert.rejects(running, reason);
  await sink[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
});

Deno.test("deblur: aborted before it begins, it restores nothing", async () => {
  const reason = new Error("never mind");
  const sink = memorySink();
  const engine = engineOf(() => assert.fail("not called"));
  await assert.rejects(
    deblur(memorySource(ramp(3)), sink, engine, { signal: AbortSignal.abort(reason) }),
    reason,
  );
  assert.equal(sink.aborted, reason);
});

Deno.test("deblur: an engine that fails ends source and sink", async () => {
  const failure = new Error("out of memory");
  const [source, sink] = [memorySource((i) => flatFrame(i % 256, i)), memorySink()];
  let runs = 0;
  const engine = engineOf((picture) =>
    runs++ < 3 ? Promise.resolve({ input: picture, image: picture }) : Promise.reject(failure)
  );
  await assert.rejects(deblur(source, sink, engine), failure);
  assert.deepEqual([source.cancelled, sink.aborted, sink.isClosed], [failure, failure, false]);
});

Deno.test("deblur: a sink that fails ends the source", async () => {
  const failure = new Error("disk full");
  const source = memorySource((i) => flatFrame(i % 256, i));
  const sink = memorySink((frame) => {
    if (frame.pts === 2n) throw failure;
  });
  await assert.rejects(deblur(source, sink, identity()), failure);
  await delay(0);
  assert.equal(source.cancelled, failure);
  assert.equal(sink.isClosed, false);
});

Deno.test("deblur: a sink that fails at the very last frame fails the job with its own error", async () => {
  for (const frames of [1, 3]) {
    const failure = new Error("disk full");
    const sink = memorySink(async ({ pts }) => {
      await delay(20);
      if (pts === BigInt(frames - 1)) throw failure;
    });
    await assert.rejects(deblur(memorySource(ramp(frames)), sink, identity()), failure);
    assert.equal(sink.isClosed, false);
  }
});

Deno.test("deblur: a source that fails ends the sink", async () => {
  const failure = new Error("disk gone");
  const source = memorySource((i) => {
    if (i === 3) throw failure;
    return flatFrame(i, i);
  });
  const sink = memorySink();
  await assert.rejects(deblur(source, sink, identity()), failure);
  assert.deepEqual([sink.aborted, sink.isClosed], [failure, false]);
});

Deno.test("deblur: a listener that throws ends the job", async () => {
  const failure = new Error("no such window");
  const sink = memorySink();
  const onFrame = () => {
    throw failure;
  };
  await assert.rejects(deblur(memorySource(ramp(3)), sink, identity(), { onFrame }), failure);
  assert.equal(sink.aborted, failure);
});

Deno.test("deblur: a damaged source fails the job and leaves nothing, unless what it gave is wanted", async () => {
  await using folder = await temporaryFolder();
  const [whole, input] = [folder.file("whole.mkv"), folder.file("in.mkv")];
  await makeClip(whole, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 5 });
  const bytes = await readFile(whole);
  await writeFile(input, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
  const names = (await readdir(folder.path)).sort();
  const run = async (partialPath?: string) => {
    await using source = await openMedia(input);
    await using sink = await createOutput(folder.file("out.mkv"), { source: source.info });
    return await deblur(source, sink, identity(), { ...(partialPath !== undefined && { partialPath }) });
  };
  await assert.rejects(run(), (error) => error instanceof MediaError && /truncated/.test(error.message));
  assert.deepEqual((await readdir(folder.path)).sort(), names);
  const report = await run(folder.file("out.partial.mkv"));
  assert.match(report.damage ?? "", /truncated/);
  assert.ok(report.frames > 10 && report.frames < 60);
  assert.deepEqual((await readdir(folder.path)).sort(), [...names, "out.partial.mkv"].sort());
  assert.equal((await collectFrames(folder.file("out.partial.mkv"))).length, report.frames);
});

Deno.test("deblur: a source without a frame is an error that names it, and says its damage", async () => {
  for (const damage of [undefined, "The file is truncated"]) {
    const sink = memorySink();
    const source = memorySource(() => undefined, { ...(damage && { damage }) });
    const running = deblur(source, sink, identity(), { partialPath: "partial" });
    await assert.rejects(running, {
      name: "MediaError",
      path: "memory",
      message: `memory: ${damage ?? "There is no frame in it. Use a video or picture that has one"}`,
    });
    assert.ok(sink.aborted instanceof MediaError);
  }
});

Deno.test("deblur: frames that cannot fit beside their neighbours are refused before any work", async () => {
  const source = memorySource(ramp(3));
  const large = Object.assign(source, { info: { ...source.info, width: 3840, height: 2160 } });
  const sink = memorySink();
  let runs = 0;
  const engine = engineOf((input) => {
    runs++;
    return Promise.resolve({ input, image: input });
  });
  const triple = Object.assign(engine, { frames: 3 } as const);
  await assert.rejects(deblur(large, sink, triple, { memory: 1.3 * 2 ** 30 }), {
    name: "MediaError",
    message: /3840x2160 take at least .* and 1\.3 GiB may be used.*--preset fast/,
  });
  assert.deepEqual([runs, sink.written.length], [0, 0]);
});

Deno.test("deblur: a source that is known to be damaged is refused before any work, unless what it gives is wanted", async () => {
  const source = () => Object.assign(memorySource(ramp(3)), { damage: "The file is truncated" });
  const engine = engineOf((input) => Promise.resolve({ input, image: input }));
  const [refused, sink] = [source(), memorySink()];
  await assert.rejects(deblur(refused, sink, engine), {
    name: "MediaError",
    message: "memory: The file is truncated",
  });
  assert.equal(sink.written.length, 0);
  assert.equal((await deblur(source(), memorySink(), engine, { partialPath: "part.mp4" })).frames, 3);
});
