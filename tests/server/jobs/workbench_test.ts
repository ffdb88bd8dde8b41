import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { JOB_SETTINGS, jobPlace, openWorkbench, untilState } from "../../helpers/preview/open_workbench.ts";

async function upload(bench: Awaited<ReturnType<typeof openWorkbench>>, path: string, name: string) {
  const bytes = await readFile(path);
  const body = new Blob([new Uint8Array(bytes)]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
  const record = await bench.workbench.uploads.receive({ name, bytes: bytes.length, body });
  await bench.workbench.uploadsChanged();
  return record;
}

Deno.test("Workbench restores a file that was sent, and the result can be fetched by a ticket", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const { workbench } = bench;
  workbench.queue.start();
  let listings = 0;
  workbench.listen(() => listings++);
  const record = await upload(bench, place.clip, "mine.mp4");
  assert.equal(listings, 1);
  assert.deepEqual((await workbench.catalog.list()).map(({ name }) => name), ["clip.mp4", "mine.mp4"]);
  const job = await workbench.queue.add(record.id, record.name, JOB_SETTINGS);
  await untilState(workbench, job, "done", "failed");
  assert.equal(workbench.board.find(job)?.end?.message, "Saved as jobs/results/mine.deblurred.mp4");
  const result = workbench.queue.result(job);
  assert.ok(result);
  assert.equal(workbench.tickets.take(workbench.tickets.issue(result)), result);
  assert.ok((await readFile(result.path)).length > 1000);
  assert.deepEqual(bench.warnings, []);
});

Deno.test("Workbench takes no file that cannot be restored, and explains without naming its folders", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const text = place.file("notes.mp4");
  await Deno.writeTextFile(text, "not a video at all\n".repeat(50));
  const error = await upload(bench, text, "notes.mp4").then(() => assert.fail(), (error) => error);
  const explained = bench.workbench.explain(error);
  assert.match(explained, /^This file cannot be restored: notes\.mp4: /);
  assert.ok(!explained.includes(place.path));
  assert.deepEqual(bench.workbench.uploads.list(), []);
});

Deno.test("Workbench: uploads, jobs and results are there again after a restart", async () => {
  await using place = await jobPlace();
  let job: string;
  {
    await using bench = await openWorkbench(place);
    const record = await upload(bench, place.clip, "mine.mp4");
    job = await bench.workbench.queue.add(record.id, record.name, JOB_SETTINGS);
  }
  await using bench = await openWorkbench(place);
  bench.workbench.queue.start();
  await untilState(bench.workbench, job, "done", "failed");
  assert.equal(bench.workbench.board.find(job)?.state, "done");
  assert.deepEqual(bench.workbench.uploads.list().map(({ name }) => name), ["mine.mp4"]);
});
