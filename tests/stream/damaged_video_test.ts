import assert from "node:assert/strict";
import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import {
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG2VIDEO,
  FF_ENCODER_MPEG4,
} from "node-av/constants";
import fc from "fast-check";
import { MediaError } from "../../src/errors.ts";
import { openVideo } from "../../src/stream/open_video.ts";
import { damageBytes, DENSE } from "../helpers/damage_bytes.ts";
import { collectFrames } from "../helpers/collect_frames.ts";
import { type ClipOptions, makeClip } from "../helpers/make_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

for (
  const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}], ["avi", {}]] as const
) {
  Deno.test(`openVideo: a .${extension} cut off in the middle gives what decodes and tells the loss`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i), muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.6));
    await using source = await openVideo(path);
    const frames = await Array.fromAsync(source.frames);
    assert.ok(frames.length > 20 && frames.length < 90, `${frames.length} frames`);
    const loss = extension === "avi" ? /cut off|damaged/ : /cut off: its last [\d.]+ s are missing/;
    assert.match(source.damage ?? "", loss);
  });
}

/** Fifteen frames, 0.6 s: those of the first tenth of the file are none, or a part of the first. */
const BRIEF: ClipOptions = { ...DENSE, pts: Array.from({ length: 15 }, (_, i) => i) };

for (const [extension, muxerOptions] of [["mp4", { movflags: "faststart" }], ["mkv", {}]] as const) {
  Deno.test(`openVideo: a .${extension} cut off before its first whole frame is cut off, not empty`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { ...BRIEF, muxerOptions });
    await truncate(path, Math.round((await stat(path)).size * 0.04));
    await using source = await openVideo(path);
    assert.deepEqual(await Array.fromAsync(source.frames), []);
    const none = extension === "mp4" ? "none of its 15 frames" : "no frame of it";
    assert.match(source.damage ?? "", new RegExp(`The file is cut off or damaged: ${none} can be decoded$`));
  });
}

Deno.test("openVideo: of a brief .mp4 that is cut off, the frames that are missing are counted", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { ...BRIEF, muxerOptions: { movflags: "faststart" } });
  await truncate(path, Math.round((await stat(path)).size * 0.4));
  await using source = await openVideo(path);
  const { length } = await Array.fromAsync(source.frames);
  assert.ok(length > 2 && length < 10, `${length} frames`);
  assert.ok(source.damage?.endsWith(`The file is cut off: ${15 - length} of its 15 frames are missing`));
  await using start = await openVideo(path, { duration: 0.1 });
  assert.equal((await Array.fromAsync(start.frames)).length, 3);
  assert.doesNotMatch(start.damage ?? "", /missing/, "the wanted part is whole");
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

const OPEN_GOP = "keyint=12:min-keyint=12:bframes=3:open-gop=1:scenecut=0";

/** Codecs whose decoders fill holes. */
const GUESSING: readonly (readonly [name: string, file: string, clip: ClipOptions])[] = [
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

for (const [name, file, clip] of GUESSING) {
  Deno.test(`openVideo: damage in the middle of ${name} that its decoder covers up is told`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(file);
    await makeClip(path, { ...DENSE, ...clip });
    // Not every damage is noticed by a decoder.
    for (const at of [0.5, 0.6, 0.7, 0.8]) await damageBytes(path, at);
    await using source = await openVideo(path);
    const frames = await Array.fromAsync(source.frames);
    assert.ok(frames.length >= 40, `${frames.length} frames`);
    assert.match(source.damage ?? "", /Damaged frames, parts of which had to be guessed: \d+$/);
    await using start = await openVideo(path, { duration: 0.4 });
    await Array.fromAsync(start.frames);
    assert.equal(start.damage, undefined, "the wanted part is whole");
  });
}

const UNDAMAGED: readonly (readonly [name: string, file: string, clip: ClipOptions])[] = [
  ...GUESSING,
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

for (const [packet, muxerOptions] of [[188, {}], [192, { mpegts_m2ts_mode: "1" }]] as const) {
  Deno.test(`openVideo: a transport stream that ends inside one of its ${packet} bytes a packet is cut off`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("clip.ts");
    await makeClip(path, { ...DENSE, muxerOptions });
    const { size } = await stat(path);
    assert.equal(size % packet, 0);
    const told = async (length: number, options = {}) => {
      await truncate(path, length);
      await using source = await openVideo(path, options);
      assert.ok((await Array.fromAsync(source.frames)).length > 0);
      return source.damage;
    };
    assert.equal(await told(size), undefined);
    const middle = Math.floor(size * 0.6 / packet) * packet + 100;
    assert.equal(await told(middle, { duration: 0.4 }), undefined, "the wanted part is whole");
    assert.match(await told(middle) ?? "", /cut off: it ends in the middle of a packet$/);
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
