import assert from "node:assert/strict";
import { describeSource } from "../../../src/server/sources/describe_source.ts";
import { fakeSource } from "../../helpers/preview/fake_media.ts";

const CLIP = { width: 720, height: 576, frames: 50, frameRate: 25 };
const REST = { kind: "video", canSeek: true, canTune: true } as const;

Deno.test("describeSource describes a source as it is displayed: turned, with the shape of its pixels", () => {
  const entry = { id: "a", name: "a.mp4" };
  assert.deepEqual(describeSource(entry, fakeSource(CLIP).info, REST), {
    ...entry,
    ...REST,
    width: 720,
    height: 576,
    pixelAspect: 1,
    frameRate: 25,
    frames: 50,
    seconds: 2,
  });
  const turned = describeSource(
    entry,
    fakeSource({ ...CLIP, rotation: 270, pixelAspect: 16 / 11 }).info,
    REST,
  );
  assert.deepEqual([turned.width, turned.height, turned.pixelAspect], [576, 720, 11 / 16]);
});

Deno.test("describeSource says null of what is not known", () => {
  const { path, kind, width, height, timeBase, rotation, streams } = fakeSource(CLIP).info;
  const bare = { path, kind, width, height, timeBase, rotation, streams };
  const { frameRate, frames, seconds } = describeSource({ id: "a", name: "a" }, bare, REST);
  assert.deepEqual([frameRate, frames, seconds], [null, null, null]);
});
