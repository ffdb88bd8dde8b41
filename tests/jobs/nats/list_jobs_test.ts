import assert from "node:assert/strict";
import { messageBytes } from "../../../src/jobs/nats/job_messages.ts";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { SUBJECTS } from "../../../src/jobs/nats/job_subjects.ts";
import { cancelJob, listJobs } from "../../../src/jobs/nats/list_jobs.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";

Deno.test({
  name:
    "listJobs: tells how far jobs are and how long they take, which workers live, and passes over what is no state",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using connected = await JobServer.connect(server.address);
    const job = "c".repeat(24);
    const publish = (subject: string, bytes: Uint8Array) => connected.client.publish(subject, bytes);
    const state = { name: "clip.mp4", segments: 10, done: 6, before: 2, startedAt: 1_000_000, at: 1_040_000 };
    await publish(SUBJECTS.progress(job), messageBytes(state));
    await publish(SUBJECTS.job(job), new Uint8Array());
    await publish(SUBJECTS.job("d".repeat(24)), new Uint8Array());
    const worker = { host: "here", device: "cpu", task: { job, index: 6 }, share: 0.25, at: 1_030_000 };
    await publish(SUBJECTS.worker("a"), messageBytes(worker));
    await publish(SUBJECTS.worker("b"), messageBytes({ ...worker, at: 1000 }));
    await publish(SUBJECTS.worker("c"), new TextEncoder().encode("{}"));
    assert.deepEqual(await listJobs(connected, 1_041_000), {
      jobs: [{ id: job, ...state, secondsLeft: 40 }],
      workers: [worker],
    });
    await cancelJob(connected, job);
    assert.deepEqual((await listJobs(connected, 1_041_000)).jobs, []);
    await assert.rejects(cancelJob(connected, "*"), { name: "MediaError", message: /There is no job "\*"/ });
  },
});
