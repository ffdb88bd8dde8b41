import assert from "node:assert/strict";
import type { Settings } from "../../../src/server/protocol.ts";
import { Player } from "../../../src/server/sources/player.ts";
import { RestoringPlayback } from "../../../src/server/sources/restoring_playback.ts";
import { FakeEngine, fakeSource } from "../../helpers/preview/fake_media.ts";

const CLIP = { width: 400, height: 300, frames: 10, frameRate: 25 };
const SETTINGS: Settings = { preset: "fast", device: "cpu", detail: 1, branches: false, region: null };
const ENTRY = { id: "clip", name: "clip.mp4" };

async function playbackOf(clip: Partial<Parameters<typeof fakeSource>[0]> = {}) {
  const engine = new FakeEngine();
  const player = new Player({ open: (start) => Promise.resolve(fakeSource({ ...CLIP, ...clip }, start)) });
  const context = { restore: engine.run.bind(engine), onState: () => undefined };
  return { engine, playback: await RestoringPlayback.open(ENTRY, player, context) };
}

Deno.test("RestoringPlayback restores the part in view with its context, and sends the part alone", async () => {
  const { engine, playback } = await playbackOf();
  const region = { x: 200, y: 150, width: 40, height: 30 };
  const frame = await playback.next(() => ({ ...SETTINGS, region }));
  // From 64 pixels before, at a multiple of 32, to 64 behind.
  assert.deepEqual(engine.sizes, ["176x180"]);
  assert.deepEqual([frame.inner, frame.region], [{ x: 72, y: 86, width: 40, height: 30 }, region]);
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback finds the part in view of a rotated video", async () => {
  const { engine, playback } = await playbackOf({ rotation: 90 });
  assert.deepEqual([playback.description.width, playback.description.height], [300, 400]);
  const frame = await playback.next(() => ({ ...SETTINGS, region: { x: 0, y: 0, width: 300, height: 10 } }));
  // The top of what is displayed is the left of what is coded.
  assert.deepEqual(engine.sizes, ["74x300"]);
  assert.deepEqual(frame.inner, { x: 0, y: 0, width: 10, height: 300 });
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback gives the whole current frame as a still, without branches", async () => {
  const { playback } = await playbackOf();
  assert.equal(await playback.still(SETTINGS), undefined);
  const part = { ...SETTINGS, branches: true, region: { x: 0, y: 0, width: 10, height: 10 } };
  assert.equal((await playback.next(() => part)).pictures.length, 4);
  const still = await playback.still(part);
  assert.deepEqual([still?.region.width, still?.pictures.length], [400, 2]);
  await playback[Symbol.asyncDispose]();
});

Deno.test("RestoringPlayback disposes its player if the source cannot be opened", async () => {
  const player = new Player({ open: () => Promise.reject(new Error("no such clip")) });
  const context = { restore: () => Promise.reject(new Error("not here")), onState: () => undefined };
  await assert.rejects(RestoringPlayback.open(ENTRY, player, context), /no such clip/);
  await assert.rejects(player.next(), { name: "AbortError" });
});
