import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { deblur } from "../src/deblur.ts";
import { deblurStream } from "../src/deblur_stream.ts";
import type { Frame, Picture } from "../src/frame.ts";
import { FULL_STRENGTH } from "../src/model/restore/strength.ts";
import type { Progress } from "../src/progress.ts";
import { createOutput } from "../src/stream/create_output.ts";
import { openMedia } from "../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "./helpers/collect_frames.ts";
import { brighten, engineOf, fakeEngine } from "./helpers/fake_engine.ts";
import { makeClip } from "./helpers/make_clip.ts";
import { flatFrame, memorySink, memorySource, ramp } from "./helpers/memory_media.ts";
import { decodeAudio } from "./helpers/probe_clip.ts";
import { temporaryFolder } from "./helpers/temporary_folder.ts";

const identity = () => fakeEngine((picture) => ({ ...picture, data: picture.data.slice() }));

const values = (frames: readonly Frame[]) => frames.map(({ data }) => data[0]);

Deno.test("deblur: with an identity engine and a lossless codec, pictures, times and sound come out as they went in", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pts: [0, 1, 2, 5, 6, 9], audioSeconds: 0.4 });
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info, lossless: true });
  const report = await deblur(source, sink, identity());
  assert.deepEqual([report.frames, report.width, report.height], [6, 48, 32]);
  assert.deepEqual([report.notes, report.damage], [[], undefined]);
  assertFramesEqual(await collectFrames(output), await collectFrames(input), 1);
  assert.deepEqual(await decodeAudio(output), await decodeAudio(input));
  assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.mp4"]);
});

Deno.test("deblur: what the engine makes of the frames is written, in their order", async () => {
  const sink = memorySink();
  await deblur(memorySource(ramp(6)), sink, fakeEngine(brighten(100)));
  assert.deepEqual(values(sink.written), [100, 101, 102, 103, 104, 105]);
  assert.deepEqual(sink.written.map(({ pts }) => pts), [0n, 1n, 2n, 3n, 4n, 5n]);
  assert.equal(sink.isClosed, true);
});

Deno.test("deblur: progress is start, each frame, end, and agrees with the report", async () => {
  for (const frames of [3, undefined]) {
    const told: Progress[] = [];
    const source = memorySource(ramp(3), frames === undefined ? {} : { frames });
    const onProgress = (progress: Progress) => told.push(progress);
    const report = await deblur(source, memorySink(), identity(), { onProgress });
    assert.deepEqual(told.map(({ kind }) => kind), ["start", "frame", "frame", "frame", "end"]);
    const counts = told.flatMap((progress) =>
      progress.kind === "frame" ? [[progress.done, progress.total]] : []
    );
    assert.deepEqual(counts, [[1, frames], [2, frames], [3, frames]]);
    const end = told.at(-1);
    assert.ok(end?.kind === "end" && end.done === 3 && end.seconds === report.seconds);
    assert.equal(report.framesPerSecond, 3 / report.seconds);
  }
});

Deno.test("deblur: branches are written side by side, blurry, down, up, result; without down if there is none", async () => {
  const shade = ({ width, height }: Picture, value: number): Picture => ({
    data: new Uint8Array(3 * width * height).fill(value),
    width,
    height,
  });
  for (const [down, wanted] of [[20, [7, 20, 30, 40]], [undefined, [7, 30, 40]]] as const) {
    const engine = engineOf((input, { branches }) => {
      assert.equal(branches, true);
      const pictures = { up: shade(input, 30), ...(down && { down: shade(input, down) }) };
      return Promise.resolve({ input, image: shade(input, 40), ...pictures });
    });
    const sink = memorySink();
    const source = memorySource((i) =>
      i === 0 ? { ...flatFrame(7, 0), alpha: new Uint8Array(8) } : undefined
    );
    const report = await deblur(source, sink, engine, { branches: true });
    assert.deepEqual([report.width, report.height], [4 * wanted.length, 2]);
    const [frame] = sink.written;
    assert.deepEqual(wanted.map((_, i) => frame?.data[i * 12]), wanted);
    assert.equal(frame?.alpha, undefined);
  }
});

Deno.test("deblur: detail reaches the engine, 1 unless told", async () => {
  for (const [options, wanted] of [[{}, 1], [{ detail: 0 }, 0], [{ detail: 1.75 }, 1.75]] as const) {
    const seen: unknown[] = [];
    const engine = engineOf((input, { detail, branches, strength, neighbours }) => {
      seen.push({ detail, branches, strength, neighbours });
      return Promise.resolve({ input, image: input });
    });
    await deblur(memorySource(ramp(2)), memorySink(), engine, options);
    assert.deepEqual(
      seen,
      Array(2).fill({ detail: wanted, branches: false, strength: FULL_STRENGTH, neighbours: {} }),
    );
  }
});

Deno.test("deblur: the engine is told its share of the memory, and how far it is with a large frame is passed on", async () => {
  const GIB = 2 ** 30;
  const budgets: number[] = [];
  const engine = engineOf((input, { memoryBudget = 0, onProgress }) => {
    budgets.push(memoryBudget);
    for (const share of [0.5, 1]) onProgress?.(share);
    return Promise.resolve({ input, image: input });
  });
  const parts: unknown[] = [];
  for (const memory of [2 * GIB, 4 * GIB]) {
    await deblur(memorySource(ramp(1), { frames: 1 }), memorySink(), engine, {
      memory,
      onProgress: (progress) => progress.kind === "part" && parts.push(progress),
    });
  }
  const [less = 0, more = 0] = budgets;
  assert.ok(less > GIB && less < 2 * GIB, `${less} bytes of 2 GiB`);
  assert.ok(more - less > 1.9 * GIB && more < 4 * GIB, `${more} bytes of 4 GiB`);
  const of = (share: number) => ({ kind: "part", done: 0, total: 1, share });
  assert.deepEqual(parts, [of(0.5), of(1), of(0.5), of(1)]);
});

Deno.test("deblur: onFrame sees each blurry frame beside what became of it; opacity and times pass through", async () => {
  const alpha = Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2);
  const source = memorySource((i) => i < 2 ? { ...flatFrame(i, 40 + i), alpha } : undefined);
  const [sink, seen]: [ReturnType<typeof memorySink>, unknown[]] = [memorySink(), []];
  await deblur(source, sink, fakeEngine(brighten(50)), {
    onFrame: (blurry, restored) => seen.push([blurry.pts, blurry.data[0], restored.pts, restored.data[0]]),
  });
  assert.deepEqual(seen, [[40n, 0, 40n, 50], [41n, 1, 41n, 51]]);
  assert.deepEqual(sink.written.map(({ alpha, duration }) => [alpha, duration]), [[alpha, 1n], [alpha, 1n]]);
});

Deno.test("deblur: what nobody needs any more is freed at once: the blurry frame, and the written one", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  for (const branches of [false, true]) {
    await using source = await openMedia(input);
    await using sink = await createOutput(folder.file(`${branches}.mp4`), { source: source.info });
    const pictures: Picture[] = [];
    const engine = engineOf((input) => {
      const [up, image] = [{ ...input, data: input.data.slice() }, { ...input, data: input.data.slice() }];
      pictures.push(input, up, image);
      return Promise.resolve(branches ? { input, up, image } : { input, image });
    });
    await deblur(source, sink, engine, { branches });
    const kept = pictures.map(({ data }) => data.byteLength > 0);
    assert.deepEqual(kept, Array(3).fill(branches ? [false, false, false] : [false, true, false]).flat());
  }
});

Deno.test("deblur: a picture that is one with what is written, or with others, is not freed under it", async () => {
  const shared = new Uint8Array(3 * 4 * 2 * 3);
  let next = 0;
  const engine = engineOf(({ width, height }) => {
    const data = shared.subarray(24 * next, 24 * ++next).fill(next);
    return Promise.resolve({ input: { data, width, height }, image: { data, width, height } });
  });
  const sink = memorySink();
  await deblur(memorySource(ramp(3)), sink, engine);
  assert.deepEqual(values(sink.written), [1, 2, 3]);
  const same = memorySink();
  await deblur(memorySource(ramp(3)), same, engineOf((input) => Promise.resolve({ input, image: input })));
  assert.deepEqual(values(same.written), [0, 1, 2]);
});

Deno.test("deblur: a sink that never accepts stops the source within the stated marks", async () => {
  const source = memorySource((i) => flatFrame(i % 256, i));
  const ending = new AbortController();
  const sink = memorySink(() => new Promise<void>(() => {}));
  const engine = engineOf((input) => Promise.resolve({ input, image: input }));
  const running = deblur(source, sink, engine, { signal: ending.signal });
  await delay(500);
  const marks = { source: 1, judgeFrames: 1 + 1, mapFrames: 1, count: 1, sink: 1 };
  const most = Object.values(marks).reduce((sum, mark) => sum + mark) + engine.concurrency;
  assert.ok(source.produced > engine.concurrency, "frames are in flight");
  assert.ok(source.produced <= most, `${source.produced} frames left the source, marks allow ${most}`);
  // A write that never ends holds the abort up, as the standard has it: only that the job was told to end is seen.
  ending.abort(new Error("enough"));
  running.catch(() => {});
});

Deno.test("deblurStream: a stage like any other: order kept, errors carried", async () => {
  const frames = memorySource(ramp(5)).frames.pipeThrough(deblurStream(fakeEngine(brighten(10))));
  assert.deepEqual(values(await Array.fromAsync(frames)), [10, 11, 12, 13, 14]);
  const failure = new Error("no");
  const failing = memorySource(ramp(5)).frames.pipeThrough(
    deblurStream(engineOf(() => Promise.reject(failure))),
  );
  await assert.rejects(Array.fromAsync(failing), failure);
});
