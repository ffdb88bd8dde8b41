import assert from "node:assert/strict";
import { openMedia, readFrameTimes } from "../../../mod.ts";
import { WorkbenchSources } from "../../../src/server/jobs/workbench_sources.ts";
import { FileSources } from "../../../src/server/sources/file_sources.ts";
import { contextOf, SETTINGS } from "../../helpers/preview/fake_server.ts";
import { JOB_SETTINGS, jobPlace, openWorkbench, untilState } from "../../helpers/preview/open_workbench.ts";

Deno.test("WorkbenchSources opens files by their ids, and a finished job with input and result beside each other", async () => {
  await using place = await jobPlace();
  await using bench = await openWorkbench(place);
  const { workbench } = bench;
  const sources = new WorkbenchSources(
    new FileSources(workbench.catalog, { openMedia, readFrameTimes }),
    workbench,
  );
  assert.deepEqual((await sources.list()).map(({ name }) => name), ["clip.mp4"]);
  workbench.queue.start();
  const job = await workbench.queue.add(bench.source, "clip.mp4", JOB_SETTINGS);
  await untilState(workbench, job, "done", "failed");
  await using file = await sources.open(bench.source, contextOf());
  assert.deepEqual([file.description.kind, file.description.canTune], ["video", true]);
  await using result = await sources.open(job, contextOf());
  assert.deepEqual([result.description.kind, result.description.canTune, result.description.frames], [
    "video",
    false,
    12,
  ]);
  const { pictures, index } = await result.next(() => SETTINGS);
  assert.deepEqual([pictures.map(({ kind }) => kind), index], [["blurry", "result"], 0]);
  await assert.rejects(sources.open("nothing", contextOf()), /There is no such source/);
  assert.equal(await sources.passedOver(), "");
});
