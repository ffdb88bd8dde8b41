import assert from "node:assert/strict";
import { decodeFrameMessage } from "../../../static/frame_message.js";
import { Session } from "../../../src/server/viewers/session.ts";
import { CLIP, fakeServer } from "../../helpers/preview/fake_server.ts";
import { withClient } from "../../helpers/preview/with_client.ts";

Deno.test("a session saves the pair whole and as PNG, without taking credit", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "settings", region: { x: 0, y: 0, width: 20, height: 20 } });
    client.send({ type: "open", source: "clip" });
    await client.frame();
    client.send({ type: "save" });
    const saved = await client.frame();
    assert.deepEqual([saved.stage, saved.region.width, saved.region.height], [
      "saved",
      CLIP.width,
      CLIP.height,
    ]);
    assert.deepEqual(saved.parts.map(({ kind, format }) => [kind, format]), [
      ["blurry", "image/png"],
      ["result", "image/png"],
    ]);
  });
});

/** A viewer who has not read the frame on its way until `read` is called. */
function slowReader() {
  const saved: number[] = [];
  const errors: string[] = [];
  const connection = {
    bufferedAmount: 0,
    send(message: string | Uint8Array<ArrayBuffer>) {
      if (typeof message === "string") {
        const { type, message: text } = JSON.parse(message);
        if (type === "error") errors.push(text);
        return;
      }
      const { stage, index } = decodeFrameMessage(message.buffer);
      if (stage === "blurry") return; // of a frame that this machine takes long for
      if (stage === "saved") {
        assert.equal(connection.bufferedAmount, 0, "a picture to be saved waits until all before it is read");
        saved.push(index);
      } else connection.bufferedAmount = 1000;
    },
  };
  return {
    connection,
    saved,
    errors,
    async frame() {
      while (connection.bufferedAmount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    read: () => connection.bufferedAmount = 0,
  };
}

Deno.test("a session saves what was on show at each request, once the viewer has read what is on its way", async () => {
  const viewer = slowReader();
  await using session = new Session(fakeServer(), viewer.connection);
  await session.handle({ type: "open", source: "clip" });
  await session.handle({ type: "credit", frames: 1 });
  await viewer.frame();
  const first = session.handle({ type: "save" });
  viewer.read();
  await first;
  assert.deepEqual(viewer.saved, [0]);
  await session.handle({ type: "seek", seconds: 1 });
  await session.handle({ type: "credit", frames: 1 });
  await viewer.frame();
  const second = session.handle({ type: "save" });
  viewer.read();
  await second;
  assert.deepEqual([viewer.saved, viewer.errors], [[0, 25], []]);
});

Deno.test("a session saves a few pictures at once, and refuses more in words", async () => {
  const viewer = slowReader();
  await using session = new Session(fakeServer(), viewer.connection);
  await session.handle({ type: "save" });
  assert.match(viewer.errors.splice(0).join(), /no picture to save yet/);
  await session.handle({ type: "open", source: "clip" });
  await session.handle({ type: "credit", frames: 1 });
  await viewer.frame();
  const saving = Array.from({ length: 10 }, () => session.handle({ type: "save" }));
  viewer.read();
  await Promise.all(saving);
  assert.deepEqual(viewer.saved, [0, 0, 0, 0]);
  assert.equal(viewer.errors.length, 6);
  assert.match(viewer.errors[0] ?? "", /Too many pictures are being saved/);
});

Deno.test("a session that ends while a picture waits to be saved leaves nothing running", async () => {
  const viewer = slowReader();
  const session = new Session(fakeServer(), viewer.connection);
  await session.handle({ type: "open", source: "clip" });
  await session.handle({ type: "credit", frames: 1 });
  await viewer.frame();
  const saving = session.handle({ type: "save" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await session[Symbol.asyncDispose]();
  await saving;
  assert.deepEqual(viewer.saved, []);
});
