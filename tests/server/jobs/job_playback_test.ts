import assert from "node:assert/strict";
import { JobPlayback } from "../../../src/server/jobs/job_playback.ts";
import { WatchedJob } from "../../../src/server/jobs/watched_job.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";
import { SETTINGS } from "../../helpers/preview/fake_server.ts";

const CLIP = { width: 8, height: 4, frames: 100, frameRate: 25 };

function playbackOf(rotation = 0) {
  const { info } = fakeSource({ ...CLIP, rotation });
  const job = new WatchedJob("job-1", "clip.mp4");
  job.become("running");
  let disposals = 0;
  const entry = { id: "job-1", name: "clip.mp4" };
  const playback = new JobPlayback({ entry, info, job, onDispose: () => disposals++ });
  const offer = () => {
    const picture = () => ({ data: new Uint8Array(3 * 8 * 4), width: 8, height: 4 });
    job.frames.offer(picture(), picture());
  };
  return { job, playback, offer, disposals: () => disposals };
}

Deno.test("JobPlayback shows the job's source as displayed, cannot seek, and ends with the job", async () => {
  const { playback, job } = playbackOf(90);
  const { kind, width, height, canSeek, canTune } = playback.description;
  assert.deepEqual([kind, width, height, canSeek, canTune], ["job", 4, 8, false, false]);
  assert.equal(playback.state, "playing");
  job.report({ kind: "frame", done: 50, total: 100, framesPerSecond: 5 });
  assert.deepEqual([playback.secondsLeft, playback.framesPerSecond], [10, 5]);
  job.become("failed", { message: "The disk is full" });
  assert.deepEqual([playback.state, playback.end], ["ended", {
    outcome: "failed",
    message: "The disk is full",
  }]);
  await playback[Symbol.asyncDispose]();
});

Deno.test("JobPlayback gives the next frame of the job, cropped to the region", async () => {
  const { playback, offer } = playbackOf();
  const region = { x: 2, y: 1, width: 3, height: 2 };
  const next = playback.next(() => ({ ...SETTINGS, region }));
  offer();
  const frame = await next;
  assert.deepEqual([frame.index, frame.region, frame.pictures[1]?.picture.width], [0, region, 3]);
  assert.deepEqual(frame.pictures.map(({ kind }) => kind), ["blurry", "result"]);
  assert.deepEqual((await playback.still(SETTINGS))?.region, { x: 0, y: 0, width: 8, height: 4 });
  await playback[Symbol.asyncDispose]();
});

Deno.test("JobPlayback gives the last frame again when asked to, also while it is paused", async () => {
  const { playback, offer } = playbackOf();
  const first = playback.next(() => SETTINGS);
  offer();
  await first;
  playback.pause();
  const paused = playback.next(() => SETTINGS);
  playback.repeat();
  assert.equal((await paused).index, 0);
  await playback[Symbol.asyncDispose]();
});

Deno.test("JobPlayback: disposing ends a call that waits", async () => {
  const { playback, disposals } = playbackOf();
  assert.equal(await playback.still(SETTINGS), undefined);
  const waiting = assert.rejects(playback.next(() => SETTINGS), { name: "AbortError" });
  await Promise.resolve();
  await playback[Symbol.asyncDispose]();
  await waiting;
  assert.equal(disposals(), 1);
});
