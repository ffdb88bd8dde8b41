import assert from "node:assert/strict";
import {
  messageBytes,
  parseMessage,
  RESULT,
  TASK,
  WORKER_STATE,
} from "../../../src/jobs/nats/job_messages.ts";

const job = "0123456789abcdef01234567";

Deno.test("parseMessage: reads what messageBytes wrote", () => {
  const task = { job, index: 7 };
  assert.deepEqual(parseMessage(TASK, messageBytes(task)), task);
  const state = { host: "a", device: "cpu", task, share: 0.5, at: 1 };
  assert.deepEqual(parseMessage(WORKER_STATE, messageBytes(state)), state);
  const failed = { kind: "failed", error: "no device", tries: 5 } as const;
  assert.deepEqual(parseMessage(RESULT, messageBytes(failed)), failed);
  const moving = { ...state, host: "a\x1b[2J\n" };
  assert.equal(parseMessage(WORKER_STATE, messageBytes(moving))?.host, "a?[2J?", "it could move a cursor");
});

Deno.test("parseMessage: gives nothing for what is no such message: wrong names, numbers, sizes and bytes", () => {
  const refused = (value: unknown) =>
    assert.equal(parseMessage(TASK, new TextEncoder().encode(JSON.stringify(value))), undefined);
  for (const name of ["", "..", "../../etc/passwd", "a.b", "*", ">", job.toUpperCase(), `${job}0`]) {
    refused({ job: name, index: 0 });
  }
  for (const index of [-1, 0.5, 1e300, "0", null]) refused({ job, index });
  refused({ job, index: 0, more: true });
  refused([job, 0]);
  assert.equal(parseMessage(TASK, new Uint8Array([0xff, 0xfe])), undefined);
  assert.equal(parseMessage(TASK, new Uint8Array()), undefined);
  const large = messageBytes({ job, index: 0 });
  const padded = new Uint8Array(70_000).fill(32);
  padded.set(large);
  assert.equal(parseMessage(TASK, padded), undefined);
});
