import assert from "node:assert/strict";
import type { Frame } from "../../../src/frame.ts";
import { SharedStream } from "../../../src/server/sources/shared_stream.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";

const CLIP = { width: 2, height: 1, frames: 3, frameRate: 25 };
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A stream whose frames a test pushes. */
function pushedStream() {
  const { info } = fakeSource({ ...CLIP, kind: "live" });
  let disposals = 0;
  let controller: ReadableStreamDefaultController<Frame>;
  const frames = new ReadableStream<Frame>({ start: (given) => void (controller = given) });
  return {
    source: { info, frames, [Symbol.asyncDispose]: () => Promise.resolve(void disposals++) },
    push: (pts: number) =>
      controller.enqueue({ data: new Uint8Array(6), width: 2, height: 1, pts: BigInt(pts), duration: 1n }),
    fail: (error: Error) => controller.error(error),
    disposals: () => disposals,
  };
}

Deno.test("SharedStream gives each user a copy of the frame that comes while it waits", async () => {
  const { source, push } = pushedStream();
  const stream = new SharedStream(() => Promise.resolve(source));
  const users = await Promise.all([stream.join(), stream.join()]);
  const readers = users.map(({ frames }) => frames.getReader());
  push(1); // nobody waits: it is dropped
  await turn();
  const reads = readers.map((reader) => reader.read());
  await turn();
  push(2);
  const [one, two] = (await Promise.all(reads)).map(({ value }) => value);
  assert.deepEqual([one?.pts, two?.pts], [2n, 2n]);
  assert.notEqual(one?.data.buffer, two?.data.buffer);
  for (const user of users) await user[Symbol.asyncDispose]();
});

Deno.test("SharedStream stays open for a user who joined while it was being opened, though another leaves", async () => {
  const { source, disposals } = pushedStream();
  const opening = Promise.withResolvers<typeof source>();
  const stream = new SharedStream(() => opening.promise);
  const joining = [stream.join(), stream.join()] as const;
  opening.resolve(source);
  await (await joining[0])[Symbol.asyncDispose]();
  assert.deepEqual([disposals(), stream.hasEnded], [0, false]);
  const last = await joining[1];
  await last[Symbol.asyncDispose]();
  await last[Symbol.asyncDispose]();
  assert.deepEqual([disposals(), stream.hasEnded], [1, true]);
});

Deno.test("SharedStream: a failure while it is open reaches those who wait, and one while it opens those who join", async () => {
  const { source, fail } = pushedStream();
  const stream = new SharedStream(() => Promise.resolve(source));
  const user = await stream.join();
  const reading = assert.rejects(user.frames.getReader().read(), /unplugged/);
  await turn();
  fail(new Error("unplugged"));
  await reading;
  assert.equal(stream.hasEnded, true);
  await user[Symbol.asyncDispose]();

  const closed = new SharedStream(() => Promise.reject(new Error("no camera")));
  await assert.rejects(closed.join(), /no camera/);
  assert.equal(closed.hasEnded, true);
  await closed.end();
});
