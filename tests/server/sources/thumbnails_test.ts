import assert from "node:assert/strict";
import sharp from "sharp";
import { THUMBNAILS, Thumbnails } from "../../../src/server/sources/thumbnails.ts";
import { openMedia } from "../../../mod.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { type FakeClip, fakeSource } from "../../helpers/preview/fake_media.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("Thumbnails shows a real video from its beginning to its end, side by side", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  const sample = (plane: number, _x: number, _y: number, t: number) => plane === 0 ? 30 + 3 * t : 128;
  await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 12, sample });
  const thumbnails = new Thumbnails({ openMedia, pathOf: () => Promise.resolve(path) });
  const strip = await thumbnails.strip("clip");
  const { data, info } = await sharp(strip).greyscale().raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 96 * THUMBNAILS);
  const levels = Array.from({ length: THUMBNAILS }, (_, i) => data[27 * info.width + 96 * i + 48] ?? 0);
  assert.deepEqual(levels, levels.toSorted((a, b) => a - b));
  assert.ok((levels.at(-1) ?? 0) - (levels[0] ?? 0) > 100, levels.join(" "));
});

Deno.test("Thumbnails are made once, and only of videos whose length is known; a damaged place is a gap", async () => {
  const clip: FakeClip = { width: 64, height: 36, frames: 24, frameRate: 24, breaksAt: 12 };
  let opened = 0;
  const openClip = (kind: FakeClip["kind"]) => (_: string, range = {}) => {
    opened++;
    return Promise.resolve(fakeSource({ ...clip, ...(kind && { kind }) }, range));
  };
  const thumbnails = new Thumbnails({ openMedia: openClip("video"), pathOf: (id) => Promise.resolve(id) });
  const [one, two] = await Promise.all([thumbnails.strip("a"), thumbnails.strip("a")]);
  assert.ok(one !== undefined && one === two);
  assert.equal(opened, 1 + THUMBNAILS);
  const still = new Thumbnails({ openMedia: openClip("picture"), pathOf: (id) => Promise.resolve(id) });
  assert.equal(await still.strip("a"), undefined);
  const none = new Thumbnails({
    openMedia,
    pathOf: () => Promise.reject(new Error("There is no such source")),
  });
  await assert.rejects(none.strip("x"), /no such source/);
});
