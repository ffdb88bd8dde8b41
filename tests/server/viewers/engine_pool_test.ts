import assert from "node:assert/strict";
import { EngineError } from "../../../src/errors.ts";
import type { Picture } from "../../../src/frame.ts";
import { EnginePool } from "../../../src/server/viewers/engine_pool.ts";
import { FakeEngine } from "../../helpers/preview/fake_media.ts";

const FAST = { preset: "fast", device: "cpu" } as const;
const PAPER = { preset: "paper", device: "cpu" } as const;
const OTHER = { preset: "other", device: "cpu" } as const;

function picture(width = 1): Picture {
  return { data: new Uint8Array(width * 3), width, height: 1 };
}

function shareOf(limit?: number) {
  const opened: FakeEngine[] = [];
  const open = () => {
    const engine = new FakeEngine(1);
    opened.push(engine);
    return Promise.resolve(engine);
  };
  return { opened, share: new EnginePool({ open, ...(limit === undefined ? {} : { limit }) }) };
}

Deno.test("EnginePool opens an engine once, even for two who ask at the same time", async () => {
  const { share, opened } = shareOf();
  await Promise.all([share.lease(FAST), share.lease(FAST), share.lease({ ...FAST })]);
  assert.equal(opened.length, 1);
  await share[Symbol.asyncDispose]();
  assert.ok(opened[0]?.isDisposed);
});

Deno.test("EnginePool serves viewers in turn: one who asks often waits behind one who asks once", async () => {
  const { share } = shareOf();
  const [greedy, modest] = [await share.lease(FAST), await share.lease(FAST)];
  const order: string[] = [];
  const first = greedy.run(picture(), {}).then(() => order.push("greedy 1"));
  const second = greedy.run(picture(), {}).then(() => order.push("greedy 2"));
  const third = greedy.run(picture(), {}).then(() => order.push("greedy 3"));
  const only = modest.run(picture(), {}).then(() => order.push("modest"));
  await Promise.all([first, second, third, only]);
  assert.deepEqual(order, ["greedy 1", "modest", "greedy 2", "greedy 3"]);
  await share[Symbol.asyncDispose]();
});

Deno.test("EnginePool makes room by closing an engine that nobody holds, and says when there is none", async () => {
  const { share, opened } = shareOf(2);
  const fast = await share.lease(FAST);
  const paper = await share.lease(PAPER);
  await assert.rejects(share.lease(OTHER), EngineError);
  await paper[Symbol.asyncDispose]();
  await paper[Symbol.asyncDispose]();
  await share.lease(OTHER);
  assert.deepEqual(opened.map(({ isDisposed }) => isDisposed), [false, true, false]);
  assert.equal((await fast.run(picture(2), {})).image.width, 2);
  await share[Symbol.asyncDispose]();
});

Deno.test("EnginePool tells whoever asked that an engine cannot be opened, and tries again for the next", async () => {
  let tries = 0;
  const share = new EnginePool({
    open: () =>
      ++tries === 1
        ? Promise.reject(new EngineError("cuda", "no such device"))
        : Promise.resolve(new FakeEngine()),
  });
  await assert.rejects(share.lease(FAST), /no such device/);
  await share.lease(FAST);
  assert.equal(share.size, 1);
  await share[Symbol.asyncDispose]();
});

Deno.test("EnginePool goes on after a picture that failed", async () => {
  class Failing extends FakeEngine {
    override run(picture: Picture) {
      return picture.width === 1 ? Promise.reject(new Error("out of memory")) : super.run(picture);
    }
  }
  await using share = new EnginePool({ open: () => Promise.resolve(new Failing()) });
  const lease = await share.lease(FAST);
  const failed = assert.rejects(lease.run(picture(1), {}), /out of memory/);
  assert.equal((await lease.run(picture(2), {})).image.width, 2);
  await failed;
});

Deno.test("EnginePool never closes an engine that somebody is just getting", async () => {
  const { share, opened } = shareOf(1);
  const [first, second] = await Promise.allSettled([share.lease(FAST), share.lease(PAPER)]);
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status, "rejected");
  assert.deepEqual(opened.map(({ isDisposed }) => isDisposed), [false]);
  await share[Symbol.asyncDispose]();
});

Deno.test('EnginePool shares the engine that "auto" chose with whoever asks for its device', async () => {
  const { share, opened } = shareOf();
  const auto = await share.lease({ preset: "fast", device: "auto" });
  assert.equal(share.hasRoomFor(FAST), true);
  await share.lease(FAST);
  assert.equal(opened.length, 1);
  await auto[Symbol.asyncDispose]();
  await share[Symbol.asyncDispose]();
});

Deno.test("EnginePool opens nothing once it is disposed", async () => {
  const { share, opened } = shareOf();
  await share[Symbol.asyncDispose]();
  await assert.rejects(share.lease(FAST), /shutting down/);
  assert.equal(opened.length, 0);
});
