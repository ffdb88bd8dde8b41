import assert from "node:assert/strict";
import { WatchedJob } from "../../../src/server/jobs/watched_job.ts";
import { FakeEngine, fakeSource } from "../../helpers/preview/fake_media.ts";

const { info } = fakeSource({ width: 8, height: 4, frames: 100, frameRate: 25 });

Deno.test("WatchedJob counts frames and the time left, and begins anew when it is started again", async () => {
  const job = new WatchedJob("a", "a.mp4");
  assert.deepEqual([job.state, job.isOver, job.secondsLeft], ["waiting", false, null]);
  job.become("running");
  job.report({ kind: "start", info });
  assert.equal(await job.info, info);
  job.report({ kind: "frame", done: 20, total: 100, framesPerSecond: 4 });
  assert.deepEqual([job.describe().done, job.describe().total, job.secondsLeft], [20, 100, 20]);
  job.become("cancelled");
  assert.deepEqual([job.isOver, job.secondsLeft, job.end?.outcome], [true, null, "cancelled"]);
  job.become("waiting");
  assert.deepEqual([job.describe().done, job.describe().total, job.end], [0, null, undefined]);
});

Deno.test("WatchedJob says how it ended, in words", async () => {
  const job = new WatchedJob("a", "a.mp4");
  job.become("failed", { message: "The disk is full" });
  await assert.rejects(job.info, /a\.mp4: The disk is full/);
  assert.deepEqual(job.end, { outcome: "failed", message: "The disk is full" });
  job.become("done", { savedAs: "a.deblurred.mp4", message: "Chapters are not kept" });
  assert.deepEqual(job.end, { outcome: "done", message: "Saved as a.deblurred.mp4. Chapters are not kept" });
});

Deno.test("WatchedJob.watch shows the engine's results to those who wait, and passes everything on", async () => {
  const job = new WatchedJob("a", "a.mp4");
  const engine = new FakeEngine();
  const watched = job.watch(engine);
  assert.deepEqual([watched.device, watched.concurrency], ["cpu", 1]);
  const seen = job.frames.next(new AbortController().signal);
  const picture = { data: new Uint8Array(3 * 8 * 4).fill(7), width: 8, height: 4 };
  const region = { x: 2, y: 1, width: 3, height: 2 };
  const { image } = await watched.run(picture, { region });
  assert.deepEqual([image.width, image.height], [3, 2]);
  const frame = await seen;
  assert.deepEqual([frame.index, frame.image.width, frame.input.width], [0, 3, 3], "the same part of both");
  await watched[Symbol.asyncDispose]();
  assert.ok(engine.isDisposed);
});
