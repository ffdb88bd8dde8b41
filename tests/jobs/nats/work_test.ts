import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { STREAMS, SUBJECTS } from "../../../src/jobs/nats/job_subjects.ts";
import { work } from "../../../src/jobs/nats/work.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test({
  name:
    "work: tasks that are none, and those of jobs that have ended, are taken out of the queue; a stop leaves no folder",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using connected = await JobServer.connect(server.address);
    const job = "e".repeat(24);
    await using folder = await temporaryFolder();
    const publish = (text: string, index: number) =>
      connected.client.publish(SUBJECTS.task(job, index), new TextEncoder().encode(text));
    await publish("no task", 0);
    await publish(JSON.stringify({ job: "../../etc", index: 1 }), 1);
    await publish(JSON.stringify({ job, index: 2 }), 2);
    const ending = new AbortController();
    const running = work(connected, {
      signal: ending.signal,
      temporary: folder.path,
      open: () => Promise.resolve(tellingEngine()),
    });
    const left = async () => (await connected.streams.streams.info(STREAMS.tasks)).state.messages;
    while (await left() > 0) await delay(20);
    assert.equal((await readdir(folder.path)).length, 2, "its folder and the lock of it");
    ending.abort();
    await running;
    assert.deepEqual(await readdir(folder.path), []);
    assert.deepEqual(await connected.subjects(SUBJECTS.worker("*")), []);
  },
});
