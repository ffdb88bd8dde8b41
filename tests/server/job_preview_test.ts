import assert from "node:assert/strict";
import { createJobPreview } from "../../src/server/job_preview.ts";
import type { WatchedJob } from "../../src/server/jobs/watched_job.ts";
import { blurRows, FakeEngine, fakeSource, sharpFrame } from "../helpers/preview/fake_media.ts";
import { CLIP } from "../helpers/preview/fake_server.ts";
import { SocketClient } from "../helpers/preview/socket_client.ts";

function picture(index: number) {
  return { data: blurRows(sharpFrame(CLIP, index), CLIP.width), width: CLIP.width, height: CLIP.height };
}

const START = { kind: "start", info: fakeSource(CLIP).info } as const;

/** Shows frames of the job until the viewer has one more. */
async function showUntilSeen(job: WatchedJob, client: SocketClient) {
  const seen = client.frame();
  let isSeen = false;
  seen.finally(() => isSeen = true).catch(() => undefined);
  for (let i = 0; !isSeen; i++) {
    const { input, image } = await new FakeEngine().run(picture(i % 100), { detail: 2 });
    job.show(input, image);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await seen;
}

Deno.test("createJobPreview shows a viewer the job's frames, and how the job ends", async () => {
  await using preview = await createJobPreview({ device: "cpu", detail: 2 });
  const job = preview.add("clip.mp4");
  using client = await SocketClient.open(preview.url);
  const hello = await client.message("hello");
  assert.deepEqual([hello.mode, hello.sources, hello.settings.detail, hello.workbench], [
    "job",
    [{ id: "job-1", name: "clip.mp4" }],
    2,
    null,
  ]);
  client.send({ type: "credit", frames: 1 });
  client.send({ type: "open", source: "job-1" });
  job.become("running");
  job.report(START);
  const { source } = await client.message("source");
  assert.deepEqual([source.kind, source.canSeek, source.canTune], ["job", false, false]);
  const frame = await showUntilSeen(job, client);
  assert.deepEqual([frame.width, frame.parts.length], [CLIP.width, 2]);
  job.report({ kind: "frame", done: 50, total: 250, framesPerSecond: 10 });
  const { secondsLeft, framesPerSecond } = await client.message(
    "stats",
    ({ secondsLeft }) => secondsLeft !== null,
  );
  assert.deepEqual([secondsLeft, framesPerSecond], [20, 10]);
  job.become("done", { savedAs: "clip.deblurred.mp4" });
  const end = await client.message("state", ({ state }) => state === "ended");
  assert.deepEqual([end.outcome, end.message], ["done", "Saved as clip.deblurred.mp4"]);
});

Deno.test("createJobPreview leaves the job's frames untouched, whether anybody looks or not", async () => {
  await using preview = await createJobPreview();
  const job = preview.add("clip.mp4");
  job.become("running");
  job.report(START);
  const { input, image } = await new FakeEngine().run(picture(3));
  const expected = image.data.slice();
  job.show(input, image);
  using client = await SocketClient.open(preview.url);
  client.send({ type: "credit", frames: 4 });
  client.send({ type: "open", source: "job-1" });
  await client.message("source");
  await showUntilSeen(job, client);
  job.show(input, image);
  assert.deepEqual(image.data, expected);
  assert.deepEqual(input.data, picture(3).data);
});

Deno.test("createJobPreview zooms and pauses without asking the job for anything", async () => {
  await using preview = await createJobPreview();
  const job = preview.add("clip.mp4");
  job.become("running");
  job.report({ ...START, info: fakeSource({ ...CLIP, rotation: 90 }).info });
  using client = await SocketClient.open(preview.url);
  client.send({ type: "open", source: "job-1" });
  client.send({ type: "credit", frames: 1 });
  await client.message("source");
  const whole = await showUntilSeen(job, client);
  assert.equal(whole.width, CLIP.height);
  client.send({ type: "pause" });
  client.send({ type: "settings", region: { x: 8, y: 4, width: 16, height: 12 } });
  client.send({ type: "credit", frames: 1 });
  const part = await client.frame();
  assert.deepEqual([part.index, part.region], [whole.index, { x: 8, y: 4, width: 16, height: 12 }]);
});

Deno.test("createJobPreview: all jobs are on one page, and those that never ran are cancelled at its end", async () => {
  const preview = await createJobPreview();
  using client = await SocketClient.open(preview.url);
  const [first, second] = [preview.add("a.mp4"), preview.add("b.mp4")];
  first.become("running");
  first.become("failed", { message: "The file is truncated" });
  const { jobs } = await client.message("jobs", ({ jobs }) => jobs[0]?.state === "failed");
  assert.deepEqual(jobs.map(({ name, state, message }) => [name, state, message]), [
    ["a.mp4", "failed", "The file is truncated"],
    ["b.mp4", "waiting", null],
  ]);
  client.send({ type: "cancel", job: "job-2" });
  assert.match((await client.message("error")).message, /only be watched/);
  await preview[Symbol.asyncDispose]();
  assert.equal(second.state, "cancelled");
});
