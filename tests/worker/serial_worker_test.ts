import assert from "node:assert/strict";
import { SerialWorker } from "../../src/worker/serial_worker.ts";
import type { TestCalls } from "../fixtures/calls_worker.ts";

function testWorker() {
  const worker = new SerialWorker<TestCalls>(new URL("../fixtures/calls_worker.ts", import.meta.url), "test");
  return Object.assign(worker, { [Symbol.dispose]: () => worker.terminate(new Error("the test is over")) });
}

Deno.test("SerialWorker: calls are answered one after another, in their order, failures among them", async () => {
  using worker = testWorker();
  const slow = worker.call("wait", 50);
  const failed = assert.rejects(worker.call("fail", "not today"), { message: "not today" });
  const order: string[] = [];
  await Promise.all([slow, worker.call("wait", 0)].map(async (call) => order.push(await call)));
  assert.deepEqual(order, ["call 1", "call 2"]);
  await failed;
});

Deno.test("SerialWorker: a call reports its progress to its own caller, before it is answered", async () => {
  using worker = testWorker();
  const told: string[] = [];
  await Promise.all([
    worker.call("wait", 20, [], () => told.push("the call before")),
    worker.call("report", undefined, [], (share) => told.push(share.toFixed(2))).then(() =>
      told.push("done")
    ),
    worker.call("wait", 0, [], () => told.push("the call after")),
  ]);
  assert.deepEqual(told, ["0.33", "0.67", "1.00", "done"]);
});

Deno.test("SerialWorker: buffers go along instead of being copied", async () => {
  using worker = testWorker();
  const bytes = Uint8Array.of(1, 2, 3);
  const added = await worker.call("add", bytes, [bytes.buffer]);
  assert.deepEqual([bytes.length, [...added]], [0, [2, 3, 4]]);
});

Deno.test("SerialWorker: an argument that cannot be sent fails its call and no other", async () => {
  using worker = testWorker();
  // @ts-expect-error: what JavaScript may hand on
  await assert.rejects(worker.call("fail", () => "a function"), { name: "DataCloneError" });
  assert.equal(await worker.call("wait", 0), "call 1");
});

Deno.test("SerialWorker: a Worker that fails rejects every open call, and every later one", async () => {
  using worker = testWorker();
  const open = ["crash", "wait"].map((name) =>
    assert.rejects(
      name === "crash" ? worker.call("crash", undefined) : worker.call("wait", 0),
      /its Worker failed: .*a defect/,
    )
  );
  await Promise.all(open);
  await assert.rejects(worker.call("wait", 0), /its Worker failed/);
});

Deno.test("SerialWorker: close finishes the call at work and skips those behind it; terminate skips all", async () => {
  using closed = testWorker();
  const atWork = closed.call("wait", 50);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const behind = assert.rejects(closed.call("wait", 0), /closed before/);
  await closed.close(new Error("closed by the test"));
  assert.equal(await atWork, "call 1");
  await behind;
  await assert.rejects(closed.call("wait", 0), { message: "closed by the test" });

  const ended = testWorker();
  const open = assert.rejects(ended.call("wait", 10_000), { message: "terminated by the test" });
  ended.terminate(new Error("terminated by the test"));
  await open;
});
