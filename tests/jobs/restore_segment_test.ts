import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { hashFile } from "../../src/hash_file.ts";
import { identifyFile } from "../../src/jobs/identify_file.ts";
import { jobDigest } from "../../src/jobs/job_manifest.ts";
import { planSegments } from "../../src/jobs/plan_segments.ts";
import { restoreSegment } from "../../src/jobs/restore_segment.ts";
import { scanVideo } from "../../src/stream/packets/scan_video.ts";
import { exampleManifest } from "../helpers/segment_job.ts";
import { makeVariedClip } from "../helpers/segment_test.ts";
import { tellingEngine } from "../helpers/telling_engine.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("restoreSegment: the same segment has the same bytes every time, and a record that says so", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mkv");
  await makeVariedClip(input);
  const scan = await scanVideo(input);
  assert.ok("times" in scan);
  const manifest = exampleManifest({ input: await identifyFile(input), segments: planSegments(scan, 25) });
  const records = [];
  for (const name of ["once", "again"]) {
    const task = { input, manifest, index: 2, path: folder.file(name) };
    records.push(await restoreSegment(task, tellingEngine()));
  }
  assert.deepEqual(records[0], records[1]);
  assert.ok((await readFile(folder.file("once"))).equals(await readFile(folder.file("again"))));
  const [{ job, sha256, frames, width, height } = assert.fail("no record")] = records;
  assert.deepEqual([job, sha256], [jobDigest(manifest), await hashFile(folder.file("once"))]);
  assert.deepEqual([frames, width, height], [25, 128, 96]);
  await assert.rejects(
    restoreSegment({ input, manifest, index: 4, path: folder.file("none") }, tellingEngine()),
    { message: "There is no segment 4" },
  );
  const rounding = { ...tellingEngine(), precision: "int8" } as const;
  await assert.rejects(restoreSegment({ input, manifest, index: 2, path: folder.file("none") }, rounding), {
    name: "EngineError",
    message: /the job is computed with float32, and this device with int8/,
  });
});
