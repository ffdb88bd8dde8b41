import assert from "node:assert/strict";
import { createJobPreview } from "../../src/server/job_preview.ts";
import { blurRows, FakeEngine, fakeSource, sharpFrame } from "../helpers/preview/fake_media.ts";
import { CLIP } from "../helpers/preview/fake_server.ts";
import { SocketClient } from "../helpers/preview/socket_client.ts";

function picture(index: number) {
  return { data: blurRows(sharpFrame(CLIP, index), CLIP.width), width: CLIP.width, height: CLIP.height };
}

Deno.test("createJobPreview shows a viewer what passes through the job's engine", async () => {
  await using preview = await createJobPreview("clip.mp4", { device: "cpu", detail: 2 });
  const engine = preview.watch(new FakeEngine());
  using client = await SocketClient.open(preview.url);
  const hello = await client.message("hello");
  assert.deepEqual([hello.mode, hello.sources, hello.settings.detail], ["job", [{
    id: "job",
    name: "clip.mp4",
  }], 2]);
  client.send({ type: "credit", frames: 1 });
  client.send({ type: "open", source: "job" });
  preview.report({ kind: "start", info: fakeSource(CLIP).info });
  const { source } = await client.message("source");
  assert.deepEqual([source.kind, source.canSeek, source.canTune], ["job", false, false]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await engine.run(picture(0), { detail: 2 });
  const frame = await client.frame();
  assert.deepEqual([frame.index, frame.width, frame.parts.length], [0, CLIP.width, 2]);
  preview.report({ kind: "frame", done: 50, total: 250, framesPerSecond: 10 });
  const { secondsLeft } = await client.message("stats", ({ secondsLeft }) => secondsLeft !== null);
  assert.equal(secondsLeft, 20);
  preview.report({ kind: "end", done: 250, seconds: 25 });
  await client.message("state", ({ state }) => state === "ended");
});

Deno.test("createJobPreview gives back each result untouched, whether anybody looks or not", async () => {
  await using preview = await createJobPreview("clip.mp4");
  const engine = preview.watch(new FakeEngine());
  preview.report({ kind: "start", info: fakeSource(CLIP).info });
  const expected = await new FakeEngine().run(picture(3));
  const alone = await engine.run(picture(3));
  assert.deepEqual(alone.image.data, expected.image.data);
  using client = await SocketClient.open(preview.url);
  client.send({ type: "credit", frames: 4 });
  client.send({ type: "open", source: "job" });
  await client.message("source");
  const watched = await engine.run(picture(3));
  await client.frame();
  assert.deepEqual(watched.image.data, expected.image.data);
  assert.deepEqual(watched.input.data, picture(3).data);
});

Deno.test("createJobPreview spends a hundredth of the time at most, so it lets most frames of a fast job pass", async () => {
  await using preview = await createJobPreview("clip.mp4");
  const engine = preview.watch(new FakeEngine());
  preview.report({ kind: "start", info: fakeSource(CLIP).info });
  using client = await SocketClient.open(preview.url);
  client.send({ type: "open", source: "job" });
  await client.message("source");
  let isDone = false;
  const asking = setInterval(() => client.send({ type: "credit", frames: 4 }), 50);
  let passed = 0;
  setTimeout(() => isDone = true, 1000);
  while (!isDone) {
    await engine.run(picture(passed++ % 100));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  clearInterval(asking);
  assert.ok(
    client.frames.length >= 1 && client.frames.length < passed / 4,
    `${client.frames.length} of ${passed}`,
  );
});

Deno.test("createJobPreview zooms and pauses without asking the job for anything", async () => {
  await using preview = await createJobPreview("clip.mp4");
  const engine = preview.watch(new FakeEngine());
  preview.report({ kind: "start", info: fakeSource({ ...CLIP, rotation: 90 }).info });
  using client = await SocketClient.open(preview.url);
  client.send({ type: "open", source: "job" });
  client.send({ type: "credit", frames: 1 });
  await client.message("source");
  await engine.run(picture(0));
  assert.equal((await client.frame()).width, CLIP.height);
  client.send({ type: "pause" });
  client.send({ type: "settings", region: { x: 8, y: 4, width: 16, height: 12 } });
  client.send({ type: "credit", frames: 1 });
  const part = await client.frame();
  assert.deepEqual([part.index, part.region], [0, { x: 8, y: 4, width: 16, height: 12 }]);
});
