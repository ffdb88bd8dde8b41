import assert from "node:assert/strict";
import { parseDeblurFlags } from "../../../src/cli/deblur/deblur_flags.ts";
import { JobViewer } from "../../../src/cli/deblur/job_viewer.ts";
import type { DeblurReport } from "../../../src/deblur.ts";
import { memorySource, ramp } from "../../helpers/memory_media.ts";
import { SocketClient } from "../../helpers/preview/socket_client.ts";

const JOBS = ["a", "b", "c"].map((name) => ({ input: `in/${name}.mp4`, output: `out/${name}.mp4` }));
const REPORT: DeblurReport = {
  frames: 3,
  stillShare: 0,
  width: 4,
  height: 2,
  seconds: 1,
  framesPerSecond: 3,
  precision: "float32",
  notes: ["Chapters are not kept"],
};

Deno.test("JobViewer shows all jobs of a command under one address, which is printed when the first begins", async () => {
  const said: string[] = [];
  await using viewer = new JobViewer(JOBS, {
    flags: parseDeblurFlags(["in", "--crop", "0,0,2,2"]),
    io: { stderr: (text) => said.push(text) },
  });
  const [a, b, c] = JOBS;
  assert.ok(a && b && c);
  assert.equal(said.length, 0);
  const watched = await viewer.begin(a);
  assert.equal(watched?.state, "running");
  assert.match(said.join(""), /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/);
  using client = await SocketClient.open(said[0]?.trim() ?? "");
  viewer.finish(a, { source: memorySource(ramp(3)), output: a.output, report: REPORT });
  viewer.fail(b, new Error("in/b.mp4: The file is truncated"));
  await viewer.begin(c);
  const { jobs } = await client.message("jobs", ({ jobs }) => jobs[2]?.state === "running");
  assert.deepEqual(
    jobs.map(({ name, state, savedAs, message, canShow }) => [name, state, savedAs, message, canShow]),
    [
      ["a.mp4", "done", "out/a.mp4", "Chapters are not kept", true],
      ["b.mp4", "failed", null, "in/b.mp4: The file is truncated", false],
      ["c.mp4", "running", null, null, true],
    ],
  );
  assert.equal(said.length, 1);
});
