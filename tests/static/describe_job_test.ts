import assert from "node:assert/strict";
import type { JobEntry } from "../../src/server/protocol.ts";
import { describeJob } from "../../static/describe_job.js";

const ENTRY: JobEntry = {
  id: "job-1",
  name: "clip.mp4",
  state: "waiting",
  done: 0,
  total: null,
  framesPerSecond: null,
  secondsLeft: null,
  message: null,
  savedAs: null,
  canDownload: false,
  canShow: false,
};

Deno.test("describeJob says in words what a job does", () => {
  const said = (entry: Partial<JobEntry>) => describeJob({ ...ENTRY, ...entry });
  assert.equal(said({}), "Waiting");
  assert.equal(said({ state: "running", done: 5 }), "5 frames");
  assert.equal(
    said({ state: "running", done: 5, total: 60, framesPerSecond: 2.51, secondsLeft: 22 }),
    "5 of 60 frames, 2.5 a second, 22 s left",
  );
  assert.equal(said({ state: "done", savedAs: "jobs/results/a.mp4" }), "Done, saved as jobs/results/a.mp4");
  assert.equal(said({ state: "done", message: "Chapters are not kept" }), "Done. Chapters are not kept");
  assert.equal(said({ state: "failed", message: "The disk is full" }), "Failed. The disk is full");
  assert.equal(said({ state: "cancelled" }), "Cancelled");
});
