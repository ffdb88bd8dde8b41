import assert from "node:assert/strict";
import { keepTrying, pause } from "../../../src/jobs/nats/keep_trying.ts";

Deno.test("keepTrying: tries again until it works, a failure is final, the outage too long, or it is stopped", async () => {
  let attempts = 0;
  const failing = (times: number) => () => {
    if (attempts++ < times) throw new Error(`attempt ${attempts}`);
    return Promise.resolve("done");
  };
  assert.equal(await keepTrying(failing(3), { pauseMs: 1 }), "done");
  assert.equal(attempts, 4);
  attempts = 0;
  await assert.rejects(keepTrying(failing(9), { pauseMs: 1, isFinal: () => true }), { message: "attempt 1" });
  await assert.rejects(keepTrying(failing(1e9), { pauseMs: 1, outageMs: 0 }), { message: /^attempt \d+$/ });
  const reason = new Error("enough");
  await assert.rejects(
    keepTrying(failing(9), { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  const ending = new AbortController();
  const waiting = pause(60_000, ending.signal);
  ending.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});
