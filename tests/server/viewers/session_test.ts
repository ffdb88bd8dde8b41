import assert from "node:assert/strict";
import { decodeFrameMessage } from "../../../static/frame_message.js";
import { EngineError } from "../../../src/errors.ts";
import { Session } from "../../../src/server/viewers/session.ts";
import { FileSources } from "../../../src/server/sources/file_sources.ts";
import { FakeEngine, fakeSource } from "../../helpers/preview/fake_media.ts";
import { catalogOf, CLIP, fakeServer } from "../../helpers/preview/fake_server.ts";
import { withClient } from "../../helpers/preview/with_client.ts";

Deno.test("a session sends frames against credit only, and the newest when credit comes", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "open", source: "clip" });
    assert.equal((await client.frame()).index, 0);
    client.send({ type: "play" });
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(client.frames.length, 0);
    client.send({ type: "credit", frames: 1 });
    await client.frame();
    await new Promise((resolve) => setTimeout(resolve, 400));
    client.send({ type: "credit", frames: 1 });
    const { index } = await client.frame();
    assert.ok(index >= 8, `frame ${index} after 0.4 s of playing: the ones between are skipped`);
    const { skipped } = await client.message("stats", ({ skipped }) => skipped > 0);
    assert.ok(skipped >= 6);
  });
});

Deno.test("a session sends a paused frame again when its settings change, restored anew", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "open", source: "clip" });
    const first = await client.frame();
    client.send({ type: "credit", frames: 1 });
    client.send({ type: "settings", branches: true, detail: 2 });
    const again = await client.frame();
    assert.deepEqual([again.index, again.detail], [first.index, 2]);
    assert.deepEqual(again.parts.map(({ kind }) => kind), ["blurry", "result", "up", "down"]);
  });
});

Deno.test("a session asks the engine for the part in view only", async () => {
  const engine = new FakeEngine();
  const context = fakeServer({ big: { ...CLIP, width: 640, height: 480 } }, () => Promise.resolve(engine));
  await withClient(context, async (client) => {
    client.send({ type: "settings", region: { x: 300, y: 200, width: 64, height: 48 } });
    client.send({ type: "open", source: "big" });
    const { region, width, height } = await client.frame();
    assert.deepEqual([region, width, height], [{ x: 300, y: 200, width: 64, height: 48 }, 640, 480]);
    assert.deepEqual(engine.sizes, ["64x48"]);
  });
});

Deno.test("a session shows a turned video as a player does", async () => {
  await withClient(fakeServer({ turned: { ...CLIP, rotation: 90 } }), async (client) => {
    client.send({ type: "open", source: "turned" });
    const { source } = await client.message("source");
    assert.deepEqual([source.width, source.height], [CLIP.height, CLIP.width]);
    assert.equal((await client.frame()).width, CLIP.height);
  });
});

Deno.test("a session seeks, and begins where a viewer was before", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "open", source: "clip", seconds: 4 });
    let { index } = await client.frame();
    client.send({ type: "credit", frames: 1 });
    if (index === 0) ({ index } = await client.frame());
    assert.equal(index, 100);
    client.send({ type: "credit", frames: 1 });
    client.send({ type: "seek", seconds: 1 });
    assert.equal((await client.frame()).index, 25);
  });
});

Deno.test("a session keeps to the range that a viewer who connects again takes", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "settings", range: { start: 1, end: 2 } });
    client.send({ type: "open", source: "clip", seconds: 1.96 });
    assert.equal((await client.frame()).index, 49);
    client.send({ type: "credit", frames: 1 });
    client.send({ type: "step", frames: 1 });
    assert.equal((await client.frame()).index, 49); // the last one
  });
});

Deno.test("a session keeps the engine it has when another cannot be had, and says why", async () => {
  const context = fakeServer(
    undefined,
    ({ device }) =>
      device === "cuda"
        ? Promise.reject(new EngineError("cuda", "no NVIDIA driver was found"))
        : Promise.resolve(new FakeEngine()),
  );
  await withClient(context, async (client) => {
    client.send({ type: "open", source: "clip" });
    await client.frame();
    client.send({ type: "settings", device: "cuda" });
    assert.match((await client.message("error")).message, /no NVIDIA driver/);
    client.send({ type: "settings", detail: 3 });
    client.send({ type: "credit", frames: 1 });
    assert.equal((await client.frame()).detail, 3);
    client.send({ type: "settings", preset: "unheard-of" });
    assert.match((await client.message("error")).message, /Choose one of fast, paper/);
    client.send({ type: "settings", preset: "paper" });
    const { settings } = await client.message("settings", ({ settings }) => settings.preset === "paper");
    assert.equal(settings.device, "cpu");
  });
});

Deno.test("a session says what is wrong with a source, names no folder, and opens another", async () => {
  await withClient(fakeServer({ clip: CLIP, broken: { ...CLIP, breaksAt: 0 } }), async (client) => {
    client.send({ type: "open", source: "nothing-there" });
    const missing = await client.message("state", ({ state }) => state === "error");
    assert.doesNotMatch(missing.message ?? "", /home/);
    client.send({ type: "open", source: "broken" });
    assert.match(
      (await client.message("state", ({ state }) => state === "error")).message ?? "",
      /damaged here/,
    );
    client.send({ type: "open", source: "clip" });
    assert.equal((await client.frame()).index, 0);
  });
});

Deno.test("a session gives the credit of a frame back that could not be encoded", async () => {
  class Broken extends FakeEngine {
    static left = 2;
    override async run(...args: Parameters<FakeEngine["run"]>) {
      const restored = await super.run(...args);
      if (Broken.left-- <= 0) return restored;
      return { ...restored, image: { ...restored.image, data: new Uint8Array(3) } };
    }
  }
  const context = fakeServer(undefined, () => Promise.resolve(new Broken()));
  await withClient(context, async (client) => {
    client.send({ type: "credit", frames: 1 }); // two in all, as the page gives
    client.send({ type: "open", source: "clip" });
    await client.message("state", ({ state }) => state === "error");
    client.send({ type: "seek", seconds: 1 });
    await client.message("state", ({ state }) => state === "error");
    client.send({ type: "seek", seconds: 2 });
    assert.equal((await client.frame()).index, 50);
  });
});

Deno.test("a session tells the latency that the page reports back", async () => {
  await withClient(fakeServer(), async (client) => {
    client.send({ type: "open", source: "clip" });
    const { sequence } = await client.frame();
    client.send({ type: "credit", frames: 1, painted: sequence });
    const { latencyMs } = await client.message("stats", ({ latencyMs }) => latencyMs !== null);
    assert.ok(latencyMs !== null && latencyMs > 0 && latencyMs < 60_000);
  });
});

Deno.test("a session sends no frame to a viewer who claims credit and does not read", async () => {
  const context = fakeServer();
  const connection = { bufferedAmount: 2 ** 20, send: () => {} };
  const session = new Session(context, connection);
  await session.handle({ type: "open", source: "clip" });
  await session.handle({ type: "play" });
  for (let i = 0; i < 20; i++) await session.handle({ type: "credit", frames: 4 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const hasSentNone = () => /^mtdn_preview_frames_sent_total 0$/m.test(context.metrics.toString());
  assert.ok(hasSentNone());
  connection.bufferedAmount = 0;
  await session.handle({ type: "credit", frames: 1 });
  // It goes on once the viewer reads again.
  while (hasSentNone()) await new Promise((resolve) => setTimeout(resolve, 5));
  await session[Symbol.asyncDispose]();
});

Deno.test("a session keeps what is asked of a source that is still being opened", async () => {
  const slow = fakeServer(undefined, async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return new FakeEngine();
  });
  await withClient(slow, async (client) => {
    client.send({ type: "open", source: "clip" });
    client.send({ type: "seek", seconds: 2 });
    client.send({ type: "credit", frames: 1 });
    let { index } = await client.frame();
    if (index === 0) ({ index } = await client.frame());
    assert.equal(index, 50);
  });
});

Deno.test("a session sends no frame of a source after the description of the next one", async () => {
  const big = { ...CLIP, width: 1600, height: 1200 }; // takes a while to encode
  const restored = Promise.withResolvers<void>();
  class TellingEngine extends FakeEngine {
    override async run(...args: Parameters<FakeEngine["run"]>) {
      const result = await super.run(...args);
      restored.resolve();
      return result;
    }
  }
  const context = fakeServer({ big, clip: CLIP }, () => Promise.resolve(new TellingEngine()));
  const sent: string[] = [];
  const hasClip = Promise.withResolvers<void>();
  const connection = {
    bufferedAmount: 0,
    send(message: string | Uint8Array<ArrayBuffer>) {
      if (typeof message === "string") {
        const { type, source } = JSON.parse(message);
        if (type === "source") sent.push(`source ${source.width}`);
        return;
      }
      const { width } = decodeFrameMessage(message.buffer);
      sent.push(`frame ${width}`);
      if (width === CLIP.width) hasClip.resolve();
    },
  };
  await using session = new Session(context, connection);
  await session.handle({ type: "open", source: "big" });
  await session.handle({ type: "credit", frames: 2 });
  await restored.promise;
  await new Promise((resolve) => setTimeout(resolve)); // it is being encoded now
  await session.handle({ type: "open", source: "clip" });
  await hasClip.promise;
  const described = sent.indexOf(`source ${CLIP.width}`);
  assert.ok(described > 0, `${sent}`);
  assert.deepEqual(sent.slice(described + 1).filter((what) => what !== `frame ${CLIP.width}`), []);
});

Deno.test("a session names the loop whose frames have all been given", async () => {
  await withClient(fakeServer({ clip: { ...CLIP, frames: 3 } }), async (client) => {
    client.send({ type: "open", source: "clip" });
    await client.frame();
    client.send({ type: "loop", isOn: true, id: 6 });
    client.send({ type: "loop", isOn: true, id: 7 });
    client.send({ type: "credit", frames: 4 });
    const { loop } = await client.message("state", ({ state }) => state === "rendered");
    assert.equal(loop, 7);
    client.send({ type: "loop", isOn: false });
    assert.equal((await client.message("state", ({ state }) => state === "paused")).loop, undefined);
  });
});

Deno.test("a session describes a source again when more is known of it, and numbers its frame anew", async () => {
  const times = Promise.withResolvers<Float64Array>();
  const uneven = [0, 0.04, 1, 1.04];
  const sources = new FileSources(catalogOf("clip"), {
    openMedia: (_path, range) => Promise.resolve(fakeSource({ ...CLIP, frames: 100 }, range)),
    readFrameTimes: () => times.promise,
  });
  await withClient({ ...fakeServer(), sources }, async (client) => {
    client.send({ type: "open", source: "clip", seconds: 1 });
    client.send({ type: "credit", frames: 2 });
    assert.equal((await client.message("source")).source.frames, 100);
    const estimated = await client.frame(({ seconds }) => seconds === 1);
    assert.deepEqual([estimated.index, estimated.isEstimated], [25, true]);
    times.resolve(Float64Array.from(uneven));
    assert.equal((await client.message("source")).source.frames, 4);
    client.send({ type: "credit", frames: 1 });
    const exact = await client.frame(({ isEstimated }) => !isEstimated);
    assert.deepEqual([exact.index, exact.seconds], [2, 1]);
  });
});
