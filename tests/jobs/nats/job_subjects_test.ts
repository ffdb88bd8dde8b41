import assert from "node:assert/strict";
import { bucketOf, JOB_ID, jobId, SUBJECTS } from "../../../src/jobs/nats/job_subjects.ts";

Deno.test("jobId: is the beginning of a digest, fits subjects and buckets, and nothing else does", () => {
  const id = jobId("a1".repeat(32));
  assert.match(id, JOB_ID);
  assert.equal(SUBJECTS.task(id, 3), `mtdn.task.${id}.3`);
  assert.match(bucketOf(id), /^[\w-]+$/);
  for (const other of ["*", ">", "a.b", `${id}x`, ""]) assert.doesNotMatch(other, JOB_ID);
});
