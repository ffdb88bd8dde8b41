import assert from "node:assert/strict";
import { RequestError } from "../../../src/server/protocol.ts";
import {
  carryOutJobRequest,
  isJobRequest,
  type JobRequest,
} from "../../../src/server/viewers/job_requests.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";
import { JOB_SETTINGS, jobPlace, openWorkbench, untilState } from "../../helpers/preview/open_workbench.ts";

const refused = (message: RegExp) => (error: unknown) =>
  error instanceof RequestError && message.test(error.message);

Deno.test("isJobRequest knows what is about jobs", () => {
  assert.ok(isJobRequest({ type: "cancel", job: "job-1" }));
  assert.ok(!isJobRequest({ type: "play" }));
});

Deno.test("carryOutJobRequest starts, cancels, restarts, moves, downloads and removes jobs", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const { workbench } = bench;
  const sources = { ...fakeServer().sources, list: () => workbench.catalog.list() };
  const context = { ...fakeServer(), sources, workbench, presets: ["smoke"] };
  const ask = (request: JobRequest) => carryOutJobRequest(request, context);
  const start = async () => {
    const answer = await ask({ type: "start", source: bench.source, settings: JOB_SETTINGS });
    assert.ok(answer?.type === "started");
    return answer.job;
  };
  const [first, second] = [await start(), await start()];
  await ask({ type: "move", job: second, before: first });
  assert.deepEqual(workbench.board.jobs.map(({ id }) => id), [second, first]);
  await ask({ type: "cancel", job: first });
  assert.equal(workbench.board.find(first)?.state, "cancelled");
  await assert.rejects(ask({ type: "download", job: second }), refused(/no result to download/));
  workbench.queue.start();
  await untilState(workbench, second, "done", "failed");
  const answer = await ask({ type: "download", job: second });
  assert.ok(answer?.type === "ticket");
  assert.match(answer.url, /^\/download\/[\w-]{32}$/);
  await ask({ type: "restart", job: first });
  await untilState(workbench, first, "done", "failed");
  await ask({ type: "remove", job: first });
  assert.deepEqual(workbench.board.jobs.map(({ id }) => id), [second]);
});

Deno.test("carryOutJobRequest refuses what is not offered, in words", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const { workbench } = bench;
  const sources = { ...fakeServer().sources, list: () => workbench.catalog.list() };
  const context = { ...fakeServer(), sources, workbench, presets: ["smoke"] };
  const start = (source: string, settings = JOB_SETTINGS) =>
    carryOutJobRequest({ type: "start", source, settings }, context);
  await assert.rejects(
    start(bench.source, { ...JOB_SETTINGS, preset: "paper" }),
    refused(/no preset "paper"/),
  );
  await assert.rejects(
    start(bench.source, { ...JOB_SETTINGS, device: "webgpu" }),
    refused(/no device "webgpu"/),
  );
  await assert.rejects(start("nothing"), refused(/There is no such source/));
  await assert.rejects(carryOutJobRequest({ type: "cancel", job: "x" }, context), refused(/no such job/));
  await assert.rejects(
    carryOutJobRequest({ type: "cancel", job: "x" }, fakeServer()),
    refused(/only be watched/),
  );
});

Deno.test("carryOutJobRequest deletes a file that was sent, unless a job needs it", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const { workbench } = bench;
  const bytes = await Deno.readFile(place.clip);
  const body = new Blob([bytes]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
  const { id } = await workbench.uploads.receive({ name: "mine.mp4", bytes: bytes.length, body });
  const context = { ...fakeServer(), workbench };
  const job = await workbench.queue.add(id, "mine.mp4", JOB_SETTINGS);
  await assert.rejects(
    carryOutJobRequest({ type: "forget", source: id }, context),
    refused(/still needs this file/),
  );
  await workbench.queue.cancel(job);
  await carryOutJobRequest({ type: "forget", source: id }, context);
  assert.deepEqual(workbench.uploads.list(), []);
});
