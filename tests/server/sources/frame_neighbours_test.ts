import assert from "node:assert/strict";
import type { Frame, Picture } from "../../../src/frame.ts";
import type { Neighbours } from "../../../src/model/engine/engine.ts";
import { FrameNeighbours } from "../../../src/server/sources/frame_neighbours.ts";
import { Player } from "../../../src/server/sources/player.ts";
import { RestoringPlayback } from "../../../src/server/sources/restoring_playback.ts";
import { memorySource } from "../../helpers/memory_media.ts";
import type { Settings } from "../../../src/server/protocol.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const SIZE = { width: 96, height: 64 };
const picture = (i: number): Picture => renderScene({ ...SIZE, dx: 20 * i, dy: 7 * i });
const clip = (count: number) => {
  const source = memorySource((i): Frame | undefined =>
    i < count ? { ...picture(i), pts: BigInt(i), duration: 1n } : undefined
  );
  return {
    ...source,
    frames: source.frames,
    info: { ...source.info, ...SIZE, frameRate: 25, frames: count },
  };
};

/** Which frame of the clip a picture is. */
const placeOf = (shown: Picture | undefined, count = 8) =>
  shown && [...Array(count).keys()].find((i) => picture(i).data.every((value, k) => value === shown.data[k]));

Deno.test("FrameNeighbours: frames pass as they came, and what is beside each is known when it comes", async () => {
  const neighbours = new FrameNeighbours();
  const places: (number | undefined)[][] = [];
  for await (const frame of neighbours.watch(clip(4)).frames) {
    const { previous, next } = neighbours.of(frame);
    places.push([placeOf(previous), placeOf(frame), placeOf(next)]);
  }
  assert.deepEqual(places, [[undefined, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, undefined]]);
});

Deno.test("FrameNeighbours: of frames long past nothing is known, and the memory of their neighbours is free", async () => {
  const neighbours = new FrameNeighbours();
  const frames: Frame[] = [];
  const beside: Neighbours[] = [];
  for await (const frame of neighbours.watch(clip(8)).frames) {
    frames.push(frame);
    beside.push(neighbours.of(frame));
  }
  assert.deepEqual(frames.map((frame) => Object.keys(neighbours.of(frame)).length), [0, 0, 0, 0, 0, 2, 2, 1]);
  assert.ok(beside[1]?.previous?.data.buffer.detached && beside[4]?.previous?.data.buffer.detached);
  assert.ok(!beside[6]?.previous?.data.buffer.detached);
  assert.deepEqual(neighbours.of({ ...picture(0), pts: 0n, duration: 1n }), {});
});

Deno.test("RestoringPlayback: the part in view of each frame is restored with the same part of its neighbours", async () => {
  const neighbours = new FrameNeighbours();
  const player = new Player({ open: () => Promise.resolve(neighbours.watch(clip(5))), onState: () => {} });
  const seen: (readonly [number, string[]])[] = [];
  const context = {
    onState: () => {},
    restore: (input: Picture, { neighbours = {} }: { neighbours?: Neighbours }) => {
      for (const { width, height } of Object.values(neighbours)) {
        assert.deepEqual([width, height], [input.width, input.height]);
      }
      seen.push([input.width, Object.keys(neighbours)]);
      return Promise.resolve({ input, image: input });
    },
  };
  await using feed = await RestoringPlayback.open({ id: "clip", name: "clip" }, player, context, neighbours);
  const settings: Settings = { preset: "fast", device: "cpu", detail: 1, branches: false, region: null };
  for (let i = 0; i < 5; i++) {
    await feed.next(() => settings);
    feed.step(1);
  }
  assert.deepEqual(seen, [
    [96, ["next"]],
    [96, ["previous", "next"]],
    [96, ["previous", "next"]],
    [96, ["previous", "next"]],
    [96, ["previous"]],
  ]);
});
