import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { JobBoard } from "../../../src/server/jobs/job_board.ts";
import { JobFolder } from "../../../src/server/jobs/job_folder.ts";
import { JobQueue, type RunningJob } from "../../../src/server/jobs/job_queue.ts";
import { Uploads } from "../../../src/server/jobs/uploads.ts";
import { JOB_SETTINGS } from "../../helpers/preview/open_workbench.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const REPORT = { frames: 1, stillShare: 0, seconds: 1, notes: [], damage: null };

/** A queue whose jobs end when a test says so. */
async function queueIn(path: string) {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await JobFolder.open(path));
  const uploads = new Uploads({ folder, probe: () => Promise.resolve() });
  const board = new JobBoard();
  const runs: { job: RunningJob; finish: () => void; fail: (error: Error) => void }[] = [];
  const begun = { resolve: () => {} };
  const warnings: string[] = [];
  const queue = opened.use(
    new JobQueue({
      folder,
      uploads,
      board,
      run: async (job) => {
        await writeFile(`${job.output}.part`, "half");
        const { promise, resolve, reject } = Promise.withResolvers<typeof REPORT>();
        runs.push({ job, finish: () => resolve(REPORT), fail: reject });
        job.signal.addEventListener("abort", () => reject(job.signal.reason));
        begun.resolve();
        const report = await promise;
        await Deno.rename(`${job.output}.part`, job.output);
        return report;
      },
      pathOf: (source) =>
        source === "gone"
          ? Promise.reject(new Error("There is no such source"))
          : Promise.resolve(`/in/${source}`),
      explain: (error) => error instanceof Error ? error.message : String(error),
      onWarning: (line) => warnings.push(line),
    }, (await folder.load()).jobs),
  );
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const owned = opened.move();
  return {
    queue,
    board,
    folder,
    runs,
    warnings,
    states: () => board.jobs.map(({ state }) => state),
    add: (name: string) => queue.add(name, name, JOB_SETTINGS),
    begins: (count: number) => until(() => runs.length >= count),
    until,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("JobQueue runs one job after another, and keeps their results apart", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  for (const name of ["clip.mp4", "clip.mp4", "view.gif", "still.heic"]) await jobs.add(name);
  await jobs.begins(1);
  assert.deepEqual(jobs.states(), ["running", "waiting", "waiting", "waiting"]);
  for (let i = 0; i < 4; i++) {
    await jobs.begins(i + 1);
    jobs.runs[i]?.finish();
  }
  await jobs.until(() => jobs.states().every((state) => state === "done"));
  assert.deepEqual((await readdir(place.file("jobs/results"))).sort(), [
    "clip.deblurred-2.mp4",
    "clip.deblurred.mp4",
    "still.deblurred.png",
    "view.deblurred.gif",
  ]);
  assert.equal(jobs.runs[0]?.job.input, "/in/clip.mp4");
  assert.deepEqual(jobs.warnings, []);
});

Deno.test("JobQueue: the order of those that wait can be changed", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  await jobs.add("a.mp4");
  await jobs.begins(1);
  const [b, c] = [await jobs.add("b.mp4"), await jobs.add("c.mp4")];
  await jobs.queue.move(c, b);
  jobs.runs[0]?.finish();
  await jobs.begins(2);
  assert.equal(jobs.runs[1]?.job.input, "/in/c.mp4");
  await assert.rejects(jobs.queue.move("job-x", null), /There is no such job/);
});

Deno.test("JobQueue: a job that is cancelled leaves nothing, and can be started again", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  const [a, b] = [await jobs.add("a.mp4"), await jobs.add("b.mp4")];
  await jobs.begins(1);
  await jobs.queue.cancel(b);
  await jobs.queue.cancel(a);
  assert.deepEqual(jobs.states(), ["cancelled", "cancelled"]);
  assert.deepEqual(await readdir(place.file("jobs/results")), []);
  await jobs.queue.restart(a);
  await jobs.begins(2);
  assert.equal(jobs.board.find(a)?.state, "running");
  jobs.runs[1]?.finish();
  await jobs.until(() => jobs.board.find(a)?.state === "done");
  assert.equal(jobs.queue.result(a)?.name, "a.deblurred.mp4");
  await jobs.queue.restart(a);
  assert.equal(jobs.board.find(a)?.state, "done", "what is done stays");
});

Deno.test("JobQueue: what fails is said in words, leaves nothing, and lets the next one begin", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  const a = await jobs.add("a.mp4");
  await jobs.add("b.mp4");
  await jobs.begins(1);
  jobs.runs[0]?.fail(new Error("The disk is full"));
  await jobs.begins(2);
  assert.deepEqual([jobs.board.find(a)?.state, jobs.board.find(a)?.facts.message], [
    "failed",
    "The disk is full",
  ]);
  assert.deepEqual(await readdir(place.file("jobs/results")), ["b.deblurred.mp4.part"]);
  await assert.rejects(jobs.add("gone"), /There is no such source/);
});

Deno.test("JobQueue: jobs and their order survive the server; one that ran begins again, its half result is gone", async () => {
  await using place = await temporaryFolder();
  {
    await using jobs = await queueIn(place.file("jobs"));
    jobs.queue.start();
    for (const name of ["a.mp4", "b.mp4", "c.mp4"]) await jobs.add(name);
    await jobs.begins(1);
    jobs.runs[0]?.finish();
    await jobs.begins(2);
  }
  await writeFile(place.file("jobs/results/b.deblurred.mp4.part"), "of a server that was killed");
  await using jobs = await queueIn(place.file("jobs"));
  assert.deepEqual(jobs.states(), ["done", "waiting", "waiting"]);
  jobs.queue.start();
  await jobs.begins(1);
  assert.equal(jobs.runs[0]?.job.input, "/in/b.mp4");
  jobs.runs[0]?.finish();
  await jobs.begins(2);
  jobs.runs[1]?.finish();
  await jobs.until(() => jobs.states().every((state) => state === "done"));
  assert.deepEqual(
    (await readdir(place.file("jobs/results"))).sort(),
    ["a", "b", "c"].map((name) => `${name}.deblurred.mp4`),
  );
});

Deno.test("JobQueue.remove takes a job off the list, and its result from the disk", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  const a = await jobs.add("a.mp4");
  await jobs.begins(1);
  assert.ok(jobs.queue.uses("a.mp4"));
  jobs.runs[0]?.finish();
  await jobs.until(() => jobs.board.find(a)?.state === "done");
  assert.ok(!jobs.queue.uses("a.mp4"));
  await jobs.queue.remove(a);
  assert.deepEqual([jobs.states(), await readdir(place.file("jobs/results")), jobs.queue.result(a)], [
    [],
    [],
    undefined,
  ]);
  assert.deepEqual((await jobs.folder.load()).jobs, []);
  const running = await jobs.add("b.mp4");
  await jobs.begins(2);
  await jobs.queue.remove(running);
  assert.deepEqual([jobs.states(), await readdir(place.file("jobs/results"))], [[], []]);
});

Deno.test("JobQueue: jobs that are added at the same time get results of their own", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  const ids = await Promise.all(
    ["clip.mp4", "clip.mp4", "gone", "clip.mp4"].map((name) => jobs.add(name).catch(() => undefined)),
  );
  jobs.queue.start();
  for (let i = 0; i < 3; i++) {
    await jobs.begins(i + 1);
    jobs.runs[i]?.finish();
  }
  await jobs.until(() => jobs.states().every((state) => state === "done"));
  const names = ids.map((id) => id && jobs.queue.result(id)?.name);
  assert.deepEqual(names, ["clip.deblurred.mp4", "clip.deblurred-2.mp4", undefined, "clip.deblurred-3.mp4"]);
});

Deno.test("JobQueue: a job that is cancelled, started again and cancelled at once stays cancelled", async () => {
  await using place = await temporaryFolder();
  await using jobs = await queueIn(place.file("jobs"));
  jobs.queue.start();
  const id = await jobs.add("a.mp4");
  await jobs.begins(1);
  const cancelling = jobs.queue.cancel(id);
  // As soon as it is shown to be cancelled, before that is stored.
  await new Promise<void>((resolve) => {
    const leave = jobs.board.listen(() => {
      if (jobs.board.find(id)?.state !== "cancelled") return;
      leave();
      resolve();
    });
  });
  const again = jobs.queue.restart(id);
  const last = jobs.queue.cancel(id);
  await Promise.all([cancelling, again, last]);
  await jobs.folder.save(await jobs.folder.load());
  assert.deepEqual([jobs.states(), jobs.runs.length], [["cancelled"], 1]);
});
