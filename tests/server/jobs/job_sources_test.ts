import assert from "node:assert/strict";
import { JobBoard } from "../../../src/server/jobs/job_board.ts";
import { JobSources, type OpenResult } from "../../../src/server/jobs/job_sources.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";
import { contextOf } from "../../helpers/preview/fake_server.ts";

const { info } = fakeSource({ width: 8, height: 4, frames: 100, frameRate: 25 });
const noResult: OpenResult = () => Promise.reject(new Error("not here"));

function sourcesOf(openResult = noResult) {
  const board = new JobBoard();
  const job = board.add("job-1", "clip.mp4");
  return { job, sources: new JobSources(board, openResult) };
}

Deno.test("JobSources lists its jobs, and opens one once it has begun", async () => {
  const { job, sources } = sourcesOf();
  assert.deepEqual(await sources.list(), [{ id: "job-1", name: "clip.mp4" }]);
  const opening = sources.open("job-1", contextOf());
  job.become("running");
  job.report({ kind: "start", info });
  const playback = await opening;
  assert.equal(playback.description.name, "clip.mp4");
  await playback[Symbol.asyncDispose]();
  await assert.rejects(sources.open("clip", contextOf()), /There is no such job/);
});

Deno.test("JobSources tells its viewers when the job ends, except those who have left", async () => {
  const { job, sources } = sourcesOf();
  job.become("running");
  job.report({ kind: "start", info });
  let states = 0;
  const counting = { ...contextOf(), onState: () => states++ };
  const [staying, leaving] = [await sources.open("job-1", counting), await sources.open("job-1", counting)];
  await leaving[Symbol.asyncDispose]();
  job.report({ kind: "frame", done: 1, total: 100, framesPerSecond: 4 });
  job.become("done", { savedAs: "clip.deblurred.mp4" });
  assert.deepEqual([states, staying.state, staying.secondsLeft], [1, "ended", null]);
  await staying[Symbol.asyncDispose]();
});

Deno.test("JobSources: a job that ends before it begins is an error for those who wait for it", async () => {
  const { job, sources } = sourcesOf();
  const opening = assert.rejects(
    sources.open("job-1", contextOf()),
    /clip\.mp4: The job ended before its first frame/,
  );
  job.become("cancelled");
  await opening;
});

Deno.test("JobSources opens input and result of a job that is done, and says why another shows nothing", async () => {
  const asked: unknown[] = [];
  const { job, sources } = sourcesOf((...given) => {
    asked.push(given.slice(0, 3));
    return Promise.reject(new Error("opened"));
  });
  const result = { input: "/in/clip.mp4", output: "/out/clip.deblurred.mp4", range: null, crop: null };
  job.become("done", { savedAs: "clip.deblurred.mp4", result: () => Promise.resolve(result) });
  await assert.rejects(sources.open("job-1", contextOf()), /^Error: opened$/);
  assert.deepEqual(asked, [[
    { id: "job-1", name: "clip.mp4" },
    result,
    { outcome: "done", message: "Saved as clip.deblurred.mp4" },
  ]]);
  job.become("failed", { message: "The disk is full" });
  await assert.rejects(sources.open("job-1", contextOf()), /clip\.mp4: The disk is full/);
});
