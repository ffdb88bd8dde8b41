import assert from "node:assert/strict";
import { TimesOfFile } from "../../../src/server/sources/times_of_file.ts";

Deno.test("TimesOfFile reads in the background, and says when it is done", async () => {
  const reading = Promise.withResolvers<Float64Array | undefined>();
  let told = 0;
  await using times = new TimesOfFile("clip.mp4", () => reading.promise, () => told++);
  await times.wait(1);
  assert.deepEqual([times.known, told], [undefined, 0]);
  reading.resolve(Float64Array.of(0, 0.5));
  await times.wait();
  assert.deepEqual([times.known?.count, told], [2, 1]);
});

Deno.test("TimesOfFile knows nothing of a file that does not say, or cannot be read", async () => {
  for (
    const result of [
      Promise.resolve(undefined),
      Promise.resolve(new Float64Array()),
      Promise.reject(new Error("no")),
    ]
  ) {
    await using times = new TimesOfFile("clip.mp4", () => result, () => assert.fail("nothing is known"));
    await times.wait();
    assert.equal(times.known, undefined);
  }
});

Deno.test("TimesOfFile gives up reading when it is disposed, and waits for that", async () => {
  const events: string[] = [];
  const times = new TimesOfFile(
    "clip.mp4",
    (_, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          events.push("aborted");
          reject(signal.reason);
        })
      ),
  );
  await times[Symbol.asyncDispose]();
  events.push("disposed");
  assert.deepEqual(events, ["aborted", "disposed"]);
});
