import assert from "node:assert/strict";
import { identifyFile } from "../../src/jobs/identify_file.ts";
import { planSegments } from "../../src/jobs/plan_segments.ts";
import { runHere } from "../../src/jobs/run_here.ts";
import { WorkFolder } from "../../src/jobs/work_folder.ts";
import { scanVideo } from "../../src/stream/packets/scan_video.ts";
import { exampleManifest } from "../helpers/segment_job.ts";
import { makeVariedClip } from "../helpers/segment_test.ts";
import { tellingEngine } from "../helpers/telling_engine.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("runHere: restores what is missing, opens the engine once, and not at all when nothing is", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeVariedClip(input);
  const scan = await scanVideo(input);
  assert.ok("times" in scan);
  const manifest = exampleManifest({ input: await identifyFile(input), segments: planSegments(scan, 40) });
  await using work = await WorkFolder.open(folder.file("out.mp4"), {
    ...{ input, job: manifest },
    plan: () => Promise.resolve(manifest),
  });
  let [opened, done] = [0, 0];
  const run = runHere(input, () => {
    opened++;
    return Promise.resolve(tellingEngine());
  });
  const listeners = { onDone: () => void done++, onProgress: () => {} };
  await run(work, listeners);
  await run(work, listeners);
  assert.deepEqual([opened, done, work.missing], [1, 3, []]);
});
