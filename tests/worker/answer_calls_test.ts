import assert from "node:assert/strict";
import { SerialWorker } from "../../src/worker/serial_worker.ts";
import type { TestCalls } from "../fixtures/calls_worker.ts";

type OtherCalls = TestCalls & { readonly sing: { readonly argument: undefined; readonly result: undefined } };

Deno.test("answerCalls: a call that it does not have is refused by name, and the next one answered", async () => {
  const worker = new SerialWorker<OtherCalls>(
    new URL("../fixtures/calls_worker.ts", import.meta.url),
    "test",
  );
  try {
    await assert.rejects(worker.call("sing", undefined), /it has no call "sing"/);
    assert.equal(await worker.call("wait", 0), "call 1");
  } finally {
    worker.terminate(new Error("the test is over"));
  }
});
