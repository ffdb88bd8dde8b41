import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { JobFrames } from "../../../src/server/jobs/job_frames.ts";

function restored(value: number): [Picture, Picture] {
  const picture = () => ({ data: Uint8Array.of(value, value, value), width: 1, height: 1 });
  return [picture(), picture()];
}

const untilAborted = () => new AbortController();

Deno.test("JobFrames copies a frame for all who wait, and none if nobody does", async () => {
  const frames = new JobFrames();
  frames.offer(...restored(1));
  assert.equal(frames.last, undefined);
  const { signal } = untilAborted();
  const waiting = [frames.next(signal), frames.next(signal)];
  const given = restored(2);
  frames.offer(...given);
  given[1].data.fill(9);
  const [first, second] = await Promise.all(waiting);
  assert.equal(first, second);
  assert.deepEqual([first?.index, [...first?.image.data ?? []]], [1, [2, 2, 2]]);
  assert.equal(frames.last, first);
});

Deno.test("JobFrames copies no frame while the time of earlier ones is not made up for", async () => {
  const frames = new JobFrames();
  frames.spend(1000);
  const aborting = untilAborted();
  const waiting = frames.next(aborting.signal);
  frames.offer(...restored(1));
  assert.equal(frames.last, undefined);
  aborting.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

Deno.test("JobFrames forgets who waited once they stop waiting", async () => {
  const frames = new JobFrames();
  const aborting = untilAborted();
  const waiting = assert.rejects(frames.next(aborting.signal), /gone/);
  aborting.abort(new Error("gone"));
  await waiting;
  frames.offer(...restored(1));
  assert.equal(frames.last, undefined, "nobody is left to copy it for");
});

Deno.test("JobFrames: copying and encoding take a small share of the time, so most frames of a fast job pass", async () => {
  const frames = new JobFrames();
  let copied = 0;
  for (let i = 0; i < 50; i++) {
    const aborting = untilAborted();
    const waiting = frames.next(aborting.signal).then(() => copied++, () => undefined);
    frames.offer(...restored(i));
    frames.spend(10_000); // of wall-clock time that this test does not have
    aborting.abort();
    await waiting;
  }
  assert.equal(copied, 1);
});
