import assert from "node:assert/strict";
import type { FrameMessage } from "../../../static/frame_message.js";
import { decodeFrameMessage } from "../../../static/frame_message.js";
import type { Playback } from "../../../src/server/sources/playback.ts";
import { FramePump } from "../../../src/server/viewers/frame_pump.ts";
import { FrameSender } from "../../../src/server/viewers/frame_sender.ts";
import { Metrics } from "../../../src/server/viewers/metrics.ts";
import { SETTINGS } from "../../helpers/preview/fake_server.ts";
import { previewFrame } from "../../helpers/preview/preview_frame.ts";

/** A pump, and a playback that gives a frame whenever a test says so. */
function pumpOf() {
  const sent: FrameMessage[] = [];
  const failures: unknown[] = [];
  let isHeld = false;
  const changed = { resolve: () => {} };
  const connection = {
    bufferedAmount: 0,
    send: (message: string | Uint8Array<ArrayBuffer>) => {
      if (typeof message !== "string") sent.push(decodeFrameMessage(message.buffer));
      changed.resolve();
    },
  };
  const pump = new FramePump({
    connection,
    sender: new FrameSender(connection, new Metrics()),
    settings: () => SETTINGS,
    isHeld: () => isHeld,
    onFailure: (error) => {
      failures.push(error);
      changed.resolve();
    },
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => changed.resolve = resolve);
  };
  const hold = (is: boolean) => {
    isHeld = is;
    pump.wake();
  };
  return { pump, sent, failures, connection, until, hold };
}

function playbackOf(next: (count: number) => Promise<ReturnType<typeof previewFrame>>) {
  let count = 0;
  const playback: Pick<Playback, "next"> = { next: () => next(count++) };
  return { playback: playback as Playback, asked: () => count }; // the pump calls nothing else
}

Deno.test("FramePump takes frames against credit only", async () => {
  const { pump, sent, until } = pumpOf();
  const { playback, asked } = playbackOf((index) => Promise.resolve(previewFrame(index)));
  pump.playback = playback;
  pump.grant(2);
  await until(() => sent.length === 2);
  assert.deepEqual([asked(), sent.map(({ index }) => index)], [2, [0, 1]]);
  pump.grant(1);
  await until(() => sent.length === 3);
  await pump[Symbol.asyncDispose]();
  assert.equal(asked(), 3);
});

Deno.test("FramePump takes nothing while the viewer does not read, and goes on when it is woken", async () => {
  const { pump, sent, connection, until } = pumpOf();
  const { playback, asked } = playbackOf((index) => Promise.resolve(previewFrame(index)));
  connection.bufferedAmount = 2 ** 20;
  pump.playback = playback;
  pump.grant(1);
  pump.wake();
  await Promise.resolve();
  assert.equal(asked(), 0);
  connection.bufferedAmount = 0;
  pump.wake();
  await until(() => sent.length === 1);
  await pump[Symbol.asyncDispose]();
});

Deno.test("FramePump takes nothing while it is held", async () => {
  const { pump, sent, hold, until } = pumpOf();
  const { playback, asked } = playbackOf((index) => Promise.resolve(previewFrame(index)));
  hold(true);
  pump.playback = playback;
  pump.grant(1);
  await Promise.resolve();
  assert.equal(asked(), 0);
  hold(false);
  await until(() => sent.length === 1);
  await pump[Symbol.asyncDispose]();
});

Deno.test("FramePump stops at a failure, gives its credit back, and goes on when it is resumed", async () => {
  const { pump, sent, failures, until } = pumpOf();
  const { playback } = playbackOf((count) =>
    count === 0 ? Promise.reject(new Error("damaged here")) : Promise.resolve(previewFrame(count))
  );
  pump.playback = playback;
  pump.grant(1);
  await until(() => failures.length === 1);
  assert.ok(pump.hasFailed);
  pump.resume();
  await until(() => sent.length === 1);
  assert.equal(sent[0]?.index, 1);
  await pump[Symbol.asyncDispose]();
});

Deno.test("FramePump sends no frame of a source that the viewer has left, and keeps its credit", async () => {
  const { pump, sent, until } = pumpOf();
  const late = Promise.withResolvers<ReturnType<typeof previewFrame>>();
  const left = playbackOf(() => late.promise);
  pump.playback = left.playback;
  pump.grant(1);
  while (left.asked() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  pump.playback = playbackOf(() => Promise.resolve(previewFrame(7))).playback;
  late.resolve(previewFrame(3));
  await until(() => sent.length === 1);
  assert.deepEqual(sent.map(({ index }) => index), [7]);
  await pump[Symbol.asyncDispose]();
});
