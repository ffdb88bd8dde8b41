import assert from "node:assert/strict";
import { servePreview } from "../../src/server/serve_preview.ts";
import { Viewers } from "../../src/server/viewers.ts";
import { fakeStudio } from "./fake_studio.ts";
import { SocketClient } from "./socket_client.ts";

Deno.test("the socket greets, opens a source and sends frames against credit only", async () => {
  await using preview = await servePreview(new Viewers(fakeStudio()));
  using client = await SocketClient.open(preview.url);
  const hello = await client.message("hello");
  assert.deepEqual(hello.sources, [{ id: "clip", name: "clip.mp4" }]);
  client.send({ type: "open", source: "clip" });
  assert.equal((await client.message("source")).source.width, 96);
  client.send({ type: "play" });
  client.send({ type: "ping" });
  await client.message("pong");
  assert.equal(client.frames.length, 0);
  client.send({ type: "credit", frames: 1 });
  const frame = await client.frame();
  assert.deepEqual(frame.parts.map((part) => part.kind), ["blurry", "result"]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(client.frames.length, 0);
});

Deno.test("a change of settings sends the paused frame again, restored anew", async () => {
  await using preview = await servePreview(new Viewers(fakeStudio()));
  using client = await SocketClient.open(preview.url);
  client.send({ type: "open", source: "clip" });
  client.send({ type: "credit", frames: 2 });
  const first = await client.frame();
  client.send({ type: "settings", branches: true, detail: 2 });
  const again = await client.frame();
  assert.deepEqual([again.index, again.detail], [first.index, 2]);
  assert.deepEqual(again.parts.map((part) => part.kind), ["blurry", "result", "up", "down"]);
});
