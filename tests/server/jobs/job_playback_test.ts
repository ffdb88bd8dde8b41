import assert from "node:assert/strict";
import type { Settings } from "../../../src/server/protocol.ts";
import { JobFrames } from "../../../src/server/sources/job_frames.ts";
import { JobPlayback } from "../../../src/server/sources/job_playback.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";

const CLIP = { width: 8, height: 4, frames: 100, frameRate: 25 };
const SETTINGS: Settings = { preset: "fast", device: "cpu", detail: 2, branches: true, region: null };

function playbackOf(rotation = 0) {
  const frames = new JobFrames();
  const job: { hasEnded: boolean; secondsLeft: number | null } = { hasEnded: false, secondsLeft: 7 };
  let disposals = 0;
  const playback = new JobPlayback({
    entry: { id: "job", name: "clip.mp4" },
    info: fakeSource({ ...CLIP, rotation }).info,
    frames,
    job,
    onDispose: () => disposals++,
  });
  const offer = () => {
    const picture = () => ({ data: new Uint8Array(3 * 8 * 4), width: 8, height: 4 });
    frames.offer({ input: picture(), image: picture() });
  };
  return { frames, job, playback, offer, disposals: () => disposals };
}

Deno.test("JobPlayback shows the job's source as displayed, and cannot seek", async () => {
  const { playback, job } = playbackOf(90);
  const { kind, width, height, canSeek, canTune } = playback.description;
  assert.deepEqual([kind, width, height, canSeek, canTune], ["job", 4, 8, false, false]);
  assert.deepEqual([playback.state, playback.secondsLeft], ["playing", 7]);
  job.hasEnded = true;
  assert.equal(playback.state, "ended");
  await playback[Symbol.asyncDispose]();
});

Deno.test("JobPlayback gives the next frame of the job, cropped to the region", async () => {
  const { playback, offer } = playbackOf();
  const region = { x: 2, y: 1, width: 3, height: 2 };
  const next = playback.next(() => ({ ...SETTINGS, region }));
  offer();
  const frame = await next;
  assert.deepEqual([frame.index, frame.region, frame.inner], [0, region, region]);
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
