import assert from "node:assert/strict";
import { JobSources } from "../../../src/server/sources/job_sources.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";

const { info } = fakeSource({ width: 8, height: 4, frames: 100, frameRate: 25 });
const context = { restore: () => Promise.reject(new Error("not here")), onState: () => undefined };

Deno.test("JobSources lists the job, and opens it once it has started", async () => {
  const sources = new JobSources("clip.mp4");
  assert.deepEqual(await sources.list(), [{ id: "job", name: "clip.mp4" }]);
  const opening = sources.open("job", context);
  sources.start(info);
  const playback = await opening;
  assert.equal(playback.description.name, "clip.mp4");
  await playback[Symbol.asyncDispose]();
  await assert.rejects(sources.open("clip", context), /There is no such source\. Choose "job"/);
});

Deno.test("JobSources tells its viewers when the job ends, except those who have left", async () => {
  const sources = new JobSources("clip.mp4");
  sources.start(info);
  let states = 0;
  const counting = { ...context, onState: () => states++ };
  const [staying, leaving] = [await sources.open("job", counting), await sources.open("job", counting)];
  await leaving[Symbol.asyncDispose]();
  sources.secondsLeft = 5;
  sources.end();
  assert.deepEqual([states, staying.state, staying.secondsLeft], [1, "ended", null]);
  await staying[Symbol.asyncDispose]();
});

Deno.test("JobSources: a job that ends before it starts is an error for those who wait for it", async () => {
  const sources = new JobSources("clip.mp4");
  const opening = assert.rejects(
    sources.open("job", context),
    /clip\.mp4: The job ended before its first frame/,
  );
  sources.end();
  await opening;
});
