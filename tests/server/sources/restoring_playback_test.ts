import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { deblur } from "../../../src/deblur.ts";
import type { MediaInfo } from "../../../src/frame.ts";
import type { Engine, RestoreOptions } from "../../../src/model/engine/engine.ts";
import type { Settings } from "../../../src/server/protocol.ts";
import { Player } from "../../../src/server/sources/player.ts";
import { RestoringPlayback } from "../../../src/server/sources/restoring_playback.ts";
import { memorySink } from "../../helpers/memory_media.ts";
import { type FakeClip, FakeEngine, fakeSource } from "../../helpers/preview/fake_media.ts";
import { contextOf, SETTINGS } from "../../helpers/preview/fake_server.ts";
import { tellingEngine } from "../../helpers/telling_engine.ts";

const CLIP: FakeClip = { width: 400, height: 300, frames: 10, frameRate: 25 };
const SMALL: FakeClip = { ...CLIP, width: 160, height: 96 };
const ENTRY = { id: "clip", name: "clip.mp4" };

async function playbackOf(clip: Partial<Parameters<typeof fakeSource>[0]> = {}) {
  const engine = new FakeEngine();
  const asked: RestoreOptions[] = [];
  const context = contextOf({
    device: "cpu",
    concurrency: 1,
    run: (picture, options = {}) => {
      asked.push(options);
      return engine.run(picture, options);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const player = new Player({ open: (range) => Promise.resolve(fakeSource({ ...CLIP, ...clip }, range)) });
  return { engine, asked, playback: await RestoringPlayback.open(player, { entry: ENTRY, context }) };
}

Deno.test("RestoringPlayback asks the engine for the part in view, and sends that alone", async () => {
  const { engine, playback } = await playbackOf();
  const region = { x: 200, y: 150, width: 40, height: 30 };
  const frame = await playback.next(() => ({ ...SETTINGS, region }));
  assert.deepEqual(engine.sizes, ["40x30"]);
  assert.deepEqual(frame.region, region);
  for (const { picture } of frame.pictures) assert.deepEqual([picture.width, picture.height], [40, 30]);
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback finds the part in view of a rotated video", async () => {
  const { engine, playback } = await playbackOf({ rotation: 90 });
  assert.deepEqual([playback.description.width, playback.description.height], [300, 400]);
  const frame = await playback.next(() => ({ ...SETTINGS, region: { x: 0, y: 0, width: 300, height: 10 } }));
  // The top of what is displayed is the left of what is coded.
  assert.deepEqual(engine.sizes, ["10x300"]);
  assert.deepEqual(frame.region, { x: 0, y: 0, width: 300, height: 10 });
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback says how wide the pixels of an anamorphic video are, as it is turned", async () => {
  for (const [rotation, pixelAspect] of [[0, 2], [90, 0.5], [180, 2]] as const) {
    const { playback } = await playbackOf({ pixelAspect: 2, rotation });
    assert.equal(playback.description.pixelAspect, pixelAspect);
    await playback[Symbol.asyncDispose]();
  }
});

Deno.test("RestoringPlayback gives the whole current frame as a still, without branches, or what is cropped of it", async () => {
  const { playback } = await playbackOf();
  assert.equal(await playback.still(SETTINGS), undefined);
  const part = { ...SETTINGS, branches: true, region: { x: 0, y: 0, width: 10, height: 10 } };
  assert.equal((await playback.next(() => part)).pictures.length, 4);
  const still = await playback.still(part);
  assert.deepEqual([still?.region.width, still?.pictures.length], [400, 2]);
  const crop = { x: 20, y: 40, width: 64, height: 32 };
  assert.deepEqual((await playback.still({ ...part, crop }))?.region, crop);
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback restores each frame of a video with its neighbours, as strongly as it moves, as a job does", async () => {
  const { playback, asked } = await playbackOf();
  for (let i = 0; i < 4; i++) {
    await playback.next(() => SETTINGS);
    playback.step(1);
  }
  assert.deepEqual(asked.map(({ neighbours = {} }) => Object.keys(neighbours)), [
    ["next"],
    ["previous", "next"],
    ["previous", "next"],
    ["previous", "next"],
  ]);
  assert.ok(asked.every(({ strength }) => strength !== undefined));
  await playback.still({ ...SETTINGS, everywhere: true });
  assert.equal(asked.at(-1)?.strength, undefined, "motionless parts too");
  await playback[Symbol.asyncDispose]();
});

/** Frames of a job, before they are encoded. */
async function jobFrames(engine: Engine, { range, crop, detail, everywhere }: Settings) {
  const part = range ? { start: range.start, duration: range.end - range.start } : {};
  const sink = memorySink();
  await deblur(fakeSource(SMALL, part), sink, engine, { detail, everywhere, ...(crop && { crop }) });
  return sink.written;
}

/** A playback of the clip with an engine of three frames. */
async function playbackOfThree(engine: Engine, kind: MediaInfo["kind"] = "video") {
  const sources: ReturnType<typeof fakeSource>[] = [];
  const player = new Player({
    open: (range) => {
      const source = fakeSource({ ...SMALL, kind }, range);
      sources.push(source);
      return Promise.resolve(source);
    },
    isLive: kind === "live",
  });
  return {
    sources,
    playback: await RestoringPlayback.open(player, { entry: ENTRY, context: contextOf(engine) }),
  };
}

Deno.test("RestoringPlayback.still is what a job writes, fused with the frames beside it, bit for bit", async () => {
  const range = { start: 3 / 25, end: 8 / 25 };
  const crop = { x: 16, y: 24, width: 80, height: 48 };
  let fused = 0;
  for (
    const settings of [
      { ...SETTINGS },
      { ...SETTINGS, range },
      { ...SETTINGS, range, crop, detail: 1.5, everywhere: true },
    ]
  ) {
    const written = await jobFrames(tellingEngine(), settings);
    const { playback, sources } = await playbackOfThree(tellingEngine());
    playback.repeat(settings);
    const first = settings.range ? 3 : 0;
    for (const index of [5, 3, first, first + written.length - 1]) {
      playback.seek(index / 25);
      const alone = await playback.next(() => ({ ...settings, region: settings.crop }));
      assert.equal(alone.index, index);
      const still = await playback.still(settings);
      const expected = written[index - first] ?? assert.fail();
      const [blurry, result] = still?.pictures ?? [];
      assert.ok(blurry && result && alone.pictures[0] && alone.pictures[1]);
      assert.deepEqual(result.picture.data, expected.data, `frame ${index}, ${JSON.stringify(settings)}`);
      assert.deepEqual(blurry.picture.data, alone.pictures[0].picture.data);
      if (!isDeepStrictEqual(result.picture.data, alone.pictures[1].picture.data)) fused++;
    }
    await playback[Symbol.asyncDispose]();
    assert.ok(sources.every(({ isDisposed }) => isDisposed));
  }
  assert.ok(fused > 3, `${fused} frames differ from what the network alone gives`);
});

Deno.test("RestoringPlayback.still reads no live stream again: the frame as shown", async () => {
  const { playback, sources } = await playbackOfThree(tellingEngine(), "live");
  playback.play();
  const shown = await playback.next(() => SETTINGS);
  assert.deepEqual((await playback.still(SETTINGS))?.pictures, shown.pictures);
  assert.equal(sources.length, 1);
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback ends a still when it is disposed, and says that it is not saved", async () => {
  const begun = Promise.withResolvers<void>();
  let pictures = 0;
  const engine = tellingEngine(() => {
    if (++pictures === 1) return;
    begun.resolve();
    return new Promise(() => {}); // never done
  });
  const { playback, sources } = await playbackOfThree(engine);
  await playback.next(() => SETTINGS);
  const still = assert.rejects(playback.still(SETTINGS), { name: "RequestError", message: /not saved/ });
  await begun.promise;
  await playback[Symbol.asyncDispose]();
  await still;
  assert.deepEqual(sources.map(({ isDisposed }) => isDisposed), [true, true]);
});

Deno.test("RestoringPlayback says how a damaged source ended", async () => {
  const { playback } = await playbackOf({ frames: 2, damage: "The file is truncated: 8 frames are missing" });
  playback.play();
  await playback.next(() => SETTINGS);
  const last = playback.next(() => SETTINGS);
  await last;
  const waiting = playback.next(() => SETTINGS).catch(() => undefined);
  while (playback.state !== "ended") await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(playback.end, {
    outcome: "damaged",
    message: "The file is truncated: 8 frames are missing",
  });
  await playback[Symbol.asyncDispose]();
  await waiting;
});

Deno.test("RestoringPlayback disposes its player if the source cannot be opened", async () => {
  const player = new Player({ open: () => Promise.reject(new Error("no such clip")) });
  await assert.rejects(
    RestoringPlayback.open(player, { entry: ENTRY, context: contextOf() }),
    /no such clip/,
  );
  await assert.rejects(player.next(), { name: "AbortError" });
});
