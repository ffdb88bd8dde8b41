import assert from "node:assert/strict";
import { stat, truncate } from "node:fs/promises";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import type { SourceOptions } from "../../../src/stream/source_options.ts";
import { collectDamaged, collectFrames } from "../../helpers/collect_frames.ts";
import { DENSE } from "../../helpers/damage_bytes.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

for (
  const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}], ["avi", {}]] as const
) {
  Deno.test(`openVideo: a .${extension} truncated in the middle gives what decodes, then fails with what is missing`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i), muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.6));
    await using source = await openVideo(path);
    const { frames, damage } = await collectDamaged(source);
    assert.ok(frames.length > 20 && frames.length < 90, `${frames.length} frames`);
    const loss = extension === "avi" ? /truncated|damaged/ : /truncated: its last [\d.]+ s are missing/;
    assert.match(damage, loss);
  });
}

/** Fifteen frames, 0.6 s: those of the first tenth of the file are none, or a part of the first. */
const BRIEF: ClipOptions = { ...DENSE, pts: Array.from({ length: 15 }, (_, i) => i) };

for (const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}]] as const) {
  Deno.test(`openVideo: a .${extension} truncated before its first whole frame is truncated, not empty`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { ...BRIEF, muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.04));
    await using source = await openVideo(path);
    const { frames, damage } = await collectDamaged(source);
    assert.deepEqual(frames, []);
    const none = extension === "mp4" ? "none of its 15 frames" : "no frame of it";
    assert.match(damage, new RegExp(`The file is truncated or damaged: ${none} can be decoded$`));
  });
}

Deno.test("openVideo: of a brief .mp4 that is truncated, the frames that are missing are counted", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { ...BRIEF, muxerOptions: { movflags: "faststart" } });
  await truncate(path, Math.round((await stat(path)).size * 0.4));
  await using source = await openVideo(path);
  const { frames: { length }, damage } = await collectDamaged(source);
  assert.ok(length > 2 && length < 10, `${length} frames`);
  assert.ok(damage.endsWith(`The file is truncated: ${15 - length} of its 15 frames are missing`));
  const start = await collectFrames(path, { duration: 0.1 });
  assert.equal(start.length, 3, "this part of it is whole");
});

Deno.test("openVideo: a whole file has no damage", async () => {
  await using folder = await temporaryFolder();
  for (const extension of ["mp4", "mkv", "ts", "avi"]) {
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 30 }, (_, i) => i) });
    await using source = await openVideo(path);
    assert.equal((await Array.fromAsync(source.frames)).length, 30);
    assert.equal(source.damage, undefined);
  }
});

for (const [packet, muxerOptions] of [[188, {}], [192, { mpegts_m2ts_mode: "1" }]] as const) {
  Deno.test(`openVideo: a transport stream that ends inside one of its packets of ${packet} bytes is truncated`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("clip.ts");
    await makeClip(path, { ...DENSE, muxerOptions });
    const { size } = await stat(path);
    assert.equal(size % packet, 0);
    const count = async (options: SourceOptions = {}) => (await collectFrames(path, options)).length;
    assert.equal(await count(), 50);
    await truncate(path, Math.floor(size * 0.6 / packet) * packet + 100);
    assert.equal(await count({ duration: 0.4 }), 10, "this part of it is whole");
    await using source = await openVideo(path);
    const { frames, damage } = await collectDamaged(source);
    assert.ok(frames.length > 0);
    assert.match(damage, /truncated: it ends inside a packet$/);
  });
}

Deno.test("openVideo: a Matroska file that begins late, as recorders write it, is neither truncated nor that long", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("late.mkv");
  await makeClip(path, { pts: Array.from({ length: 10 }, (_, i) => 90_000 * 25 + i) });
  await using source = await openVideo(path);
  const frames = await Array.fromAsync(source.frames);
  assert.deepEqual([frames.length, source.damage], [10, undefined]);
  assert.ok((source.info.seconds ?? 0) < 1, `${source.info.seconds} s`);
});
