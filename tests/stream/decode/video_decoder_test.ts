import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import {
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG2VIDEO,
  FF_ENCODER_MPEG4,
} from "node-av/constants";
import fc from "fast-check";
import { MediaError } from "../../../src/errors.ts";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { damageBytes, DENSE } from "../../helpers/damage_bytes.ts";
import { collectDamaged, collectFrames } from "../../helpers/collect_frames.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const OPEN_GOP = "keyint=12:min-keyint=12:bframes=3:open-gop=1:scenecut=0";

/** Codecs whose decoders conceal errors, and report it. */
const CONCEALING: readonly (readonly [name: string, file: string, clip: ClipOptions])[] = [
  ["H.264 in .mp4", "clip.mp4", {
    encoder: FF_ENCODER_LIBX264,
    encoderOptions: { "x264-params": `${OPEN_GOP}:slices=4` },
  }],
  ["MPEG-2 in .mkv", "clip.mkv", {
    encoder: FF_ENCODER_MPEG2VIDEO,
    encoderOptions: { bf: "2", b: "3000000" },
  }],
  ["MPEG-4 in .avi", "clip.avi", { encoder: FF_ENCODER_MPEG4, encoderOptions: { b: "3000000" } }],
];

for (const [name, file, clip] of CONCEALING) {
  Deno.test(`openVideo: damage in the middle of ${name} that its decoder conceals fails it at its end`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(file);
    await makeClip(path, { ...DENSE, ...clip });
    // Not every damage is noticed by a decoder.
    for (const at of [0.5, 0.6, 0.7, 0.8]) await damageBytes(path, at);
    await using source = await openVideo(path);
    const { frames, damage } = await collectDamaged(source);
    assert.ok(frames.length >= 40, `${frames.length} frames`);
    assert.match(damage, /Damaged frames, parts of which had to be concealed: \d+$/);
    await using start = await openVideo(path, { duration: 0.4 });
    await Array.fromAsync(start.frames);
    assert.equal(start.damage, undefined, "this part of it is whole");
  });
}

const UNDAMAGED: readonly (readonly [name: string, file: string, clip: ClipOptions])[] = [
  ...CONCEALING,
  ["H.264 with open GOPs", "clip.ts", {
    encoder: FF_ENCODER_LIBX264,
    encoderOptions: { "x264-params": OPEN_GOP },
  }],
  ["H.264 without keyframes", "clip.mp4", {
    encoder: FF_ENCODER_LIBX264,
    encoderOptions: { "x264-params": "keyint=250:intra-refresh=1" },
  }],
  ["HEVC with leading pictures", "clip.mkv", {
    encoder: FF_ENCODER_LIBX265,
    encoderOptions: { "x265-params": `log-level=none:${OPEN_GOP}` },
  }],
  ["MPEG-2", "clip.ts", { encoder: FF_ENCODER_MPEG2VIDEO, encoderOptions: { bf: "2", b: "3000000" } }],
  ["VP9", "clip.webm", { encoder: FF_ENCODER_LIBVPX_VP9, encoderOptions: { "cpu-used": "8" } }],
  ["AV1", "clip.mp4", {
    encoder: FF_ENCODER_LIBSVTAV1,
    encoderOptions: { preset: "12", "svtav1-params": "lp=1" },
  }],
];

for (const [name, file, clip] of UNDAMAGED) {
  Deno.test(`openVideo: ${name} in ${file} is not damaged, from wherever it is read`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(file);
    await makeClip(path, { ...DENSE, ...clip });
    for (const start of [0, 0.3, 0.48, 1.1]) {
      await using source = await openVideo(path, { start });
      assert.ok((await Array.fromAsync(source.frames)).length > 0);
      assert.equal(source.damage, undefined, `from ${start} s`);
    }
  });
}

Deno.test("openVideo: damaged bytes never crash it: it ends, with frames or with a MediaError", async () => {
  await using folder = await temporaryFolder();
  const [clip, broken] = [folder.file("clip.mp4"), folder.file("broken.mp4")];
  await makeClip(clip, { pts: Array.from({ length: 12 }, (_, i) => i) });
  const bytes = await readFile(clip);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(damage, async (places) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of places) copy[at] = value;
      await writeFile(broken, copy);
      const attempt = collectFrames(broken, { maxPixels: 1e6 });
      await attempt.catch((error) => assert.ok(error instanceof MediaError, String(error)));
    }),
    { numRuns: 60 },
  );
});
