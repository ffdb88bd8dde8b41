import assert from "node:assert/strict";
import { copyOfRegion } from "../../../src/crop_picture.ts";
import { deblur } from "../../../src/deblur.ts";
import type { JobFrame } from "../../../src/server/jobs/job_frames.ts";
import { WatchedJob } from "../../../src/server/jobs/watched_job.ts";
import { memorySink } from "../../helpers/memory_media.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";

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

for (const branches of [false, true]) {
  Deno.test(`WatchedJob.show shows those who wait what a job writes, fused${branches ? "; of branches, the result" : ""}`, async () => {
    const job = new WatchedJob("a", "a.mp4");
    const shown: JobFrame[] = [];
    const look = () => void job.frames.next(new AbortController().signal).then((frame) => shown.push(frame));
    const source = fakeSource({ width: 96, height: 64, frames: 3, frameRate: 25 });
    const sink = memorySink();
    look();
    await deblur(source, sink, tellingEngine(), {
      branches,
      onFrame: (blurry, restored) => {
        job.show(blurry, restored);
        job.frames.spend(-1e9); // so that no copy has to wait for its time
        look();
      },
    });
    assert.equal(shown.length, 3);
    for (const [i, { data, width, height }] of sink.written.entries()) {
      assert.deepEqual([width, shown[i]?.index], [branches ? 192 : 96, i]);
      const { input, image } = shown[i] ?? assert.fail();
      const part = (x: number) => copyOfRegion({ data, width, height }, { x, y: 0, width: 96, height });
      assert.deepEqual(image.data, part(width - 96).data);
      if (branches) assert.deepEqual(input.data, part(0).data);
    }
  });
}
