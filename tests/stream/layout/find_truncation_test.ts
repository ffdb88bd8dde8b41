import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import {
  AV_PIX_FMT_YUV422P10LE,
  FF_ENCODER_LIBVPX_VP8,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBX265,
  FF_ENCODER_RAWVIDEO,
  FF_ENCODER_WMV2,
} from "node-av/constants";
import fc from "fast-check";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { findTruncation } from "../../../src/stream/layout/find_truncation.ts";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { collectDamaged } from "../../helpers/collect_frames.ts";
import { DENSE } from "../../helpers/damage_bytes.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const BYTES = /^The file is truncated: its last \d+ bytes are missing$/;
const VP9: ClipOptions = {
  encoder: FF_ENCODER_LIBVPX_VP9,
  encoderOptions: { "cpu-used": "8", deadline: "realtime" },
};

const FORMATS: readonly (readonly [name: string, file: string, clip: ClipOptions, loss: RegExp])[] = [
  ["Matroska", "clip.mkv", { audioSeconds: 2 }, BYTES],
  ["Matroska written to a pipe", "clip.mkv", { audioSeconds: 2, muxerOptions: { live: "1" } }, BYTES],
  ["WebM", "clip.webm", VP9, BYTES],
  ["MP4, index in front", "clip.mp4", { muxerOptions: { movflags: "faststart" } }, BYTES],
  ["MP4 in fragments", "clip.mp4", { muxerOptions: { movflags: "frag_keyframe+empty_moov" } }, BYTES],
  ["AVI", "clip.avi", {}, BYTES],
  ["Windows Media", "clip.wmv", { encoder: FF_ENCODER_WMV2, encoderOptions: { b: "2000000" } }, BYTES],
  ["y4m", "clip.y4m", { encoder: FF_ENCODER_RAWVIDEO, encoderOptions: {} }, BYTES],
  [
    "y4m of 10 bits and 4:2:2",
    "clip.y4m",
    {
      ...{ encoder: FF_ENCODER_RAWVIDEO, encoderOptions: {}, pixelFormat: AV_PIX_FMT_YUV422P10LE },
      muxerOptions: { strict: "-1" },
    },
    BYTES,
  ],
  ["Flash video", "clip.flv", {}, /^The file is truncated: it ends in the middle of a tag$/],
  [
    "Ogg",
    "clip.ogg",
    { encoder: FF_ENCODER_LIBVPX_VP8, encoderOptions: { b: "2000000", "cpu-used": "8" } },
    /^The file is truncated: (?:its last \d+ bytes are|its last page is) missing$|middle of a page$/,
  ],
];

for (const [name, file, clip, loss] of FORMATS) {
  Deno.test(`findTruncation: ${name}, whole and without its last bytes`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(file);
    await makeClip(path, { ...DENSE, ...clip });
    const bytes = await readFile(path);
    const find = async () => {
      const container = await openContainer(path);
      const [format, ids] = [container.iformat?.name ?? "", container.streams.map(({ id }) => id)];
      await container.closeInput();
      return await findTruncation(path, format, ids);
    };
    assert.equal(await find(), undefined);
    // Two to five frames: what readers of these formats did not miss.
    for (const share of [0.6, 0.9, 0.96]) {
      await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * share) + 1));
      assert.match(await find() ?? "whole", loss, `${share}`);
    }
  });
}

Deno.test("openVideo: what the size of a file shows to be missing is known before the first frame is asked for", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await makeClip(path, { ...DENSE, audioSeconds: 2 });
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.95)));
  await using source = await openVideo(path);
  assert.match(source.damage ?? "", BYTES);
  const { frames } = await collectDamaged(source);
  assert.ok(frames.length >= 44 && frames.length < 50, `${frames.length} frames`);
  await using part = await openVideo(path, { duration: 0.4 });
  assert.equal(part.damage, undefined);
  assert.equal((await Array.fromAsync(part.frames)).length, 10);
  assert.equal(part.damage, undefined, "this part of it is whole");
});

Deno.test("findTruncation: what cameras append to an MP4 file is no damage", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path);
  await appendFile(path, "SEFT and whatever else a camera appends");
  assert.equal(await findTruncation(path, "mov,mp4,m4a,3gp,3g2,mj2", []), undefined);
});

for (const [packet, muxerOptions] of [[188, {}], [192, { mpegts_m2ts_mode: "1" }]] as const) {
  Deno.test(`openVideo: a transport stream truncated between two of its packets of ${packet} bytes is not whole`, async () => {
    await using folder = await temporaryFolder();
    const [path, cut] = [folder.file("clip.ts"), folder.file("cut.ts")];
    const x264 = {
      encoder: FF_ENCODER_LIBX265,
      encoderOptions: { crf: "10", "x264-params": "bframes=2:b-adapt=0" },
    };
    await makeClip(path, { ...DENSE, ...x264, audioSeconds: 2, muxerOptions });
    await using whole = await openVideo(path);
    assert.equal((await Array.fromAsync(whole.frames)).length, 50);
    const bytes = await readFile(path);
    let passed = 0;
    for (let cutAt = 40; cutAt < 60; cutAt++) {
      await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * cutAt / 64 / packet) * packet));
      await using source = await openVideo(cut);
      await Array.fromAsync(source.frames).catch(() => {}); // its damage is looked at below
      if (source.damage === undefined) passed++;
    }
    // Those that end just behind a frame that is shown last.
    assert.ok(passed <= 5, `${passed} of 20 passed as whole`);
  });
}

Deno.test("findTruncation: whatever the bytes, it ends, with a line or with none", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("broken");
  const clips = await Promise.all(
    (["mkv", "mp4", "avi", "ts", "flv"] as const).map(async (extension) => {
      const clip = folder.file(`clip.${extension}`);
      await makeClip(clip, { pts: [0, 1, 2] });
      return await readFile(clip);
    }),
  );
  const formats = ["matroska,webm", "mov,mp4", "avi", "mpegts", "flv", "asf", "ogg"];
  const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(clips.length - 1),
      fc.constantFrom(...formats),
      fc.array(place, { maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (clip, format, places, share) => {
        const bytes = Buffer.from(clips[clip] ?? assert.fail());
        for (const [at, value] of places) bytes[Math.floor(at * (bytes.length - 1))] = value;
        await writeFile(path, bytes.subarray(0, Math.floor(share * bytes.length)));
        const found = await findTruncation(path, format, [256, 257]);
        assert.ok(found === undefined || found.startsWith("The file is truncated: "));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("openVideo: a transport stream that ends inside a packet of its sound is truncated, though every frame is there", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  await makeClip(path, { audioSeconds: 2 });
  const bytes = await readFile(path);
  assert.equal(bytes.length % 188, 0);
  await writeFile(path, bytes.subarray(0, bytes.length - 100));
  await using source = await openVideo(path);
  const { frames, damage } = await collectDamaged(source);
  assert.deepEqual([frames.length, damage], [10, "The file is truncated: it ends inside a packet"]);
});
