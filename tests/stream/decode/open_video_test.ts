import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import {
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV444P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  type AVColorRange,
  type AVColorSpace,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
} from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const MATRICES: readonly (readonly [string, AVColorSpace, AVColorRange, number, number])[] = [
  ["BT.601 limited", AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, 0.299, 0.114],
  ["BT.709 limited", AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, 0.2126, 0.0722],
  ["BT.709 full", AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, 0.2126, 0.0722],
  ["BT.2020 limited", AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, 0.2627, 0.0593],
];

for (const [name, matrix, range, kr, kb] of MATRICES) {
  Deno.test(`openVideo: ${name} becomes the RGB its definition gives, to 1/255`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("clip.mp4");
    const yuv: readonly [number, number, number] = [120, 110, 150];
    await makeClip(path, {
      matrix,
      range,
      pts: [0],
      sample: (plane) => yuv[plane] ?? 0,
      pixelFormat: AV_PIX_FMT_YUV444P,
    });
    const [offset, lumaScale, chromaScale] = range === AVCOL_RANGE_MPEG ? [16, 219, 224] : [0, 255, 255];
    const [y, u, v] = [
      (yuv[0] - offset) / lumaScale,
      (yuv[1] - 128) / chromaScale,
      (yuv[2] - 128) / chromaScale,
    ];
    const [red, blue] = [y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u];
    const green = (y - kr * red - kb * blue) / (1 - kr - kb);
    const [frame] = await collectFrames(path);
    for (const [c, wanted] of [red, green, blue].entries()) {
      const got = frame?.data[c] ?? -1;
      assert.ok(Math.abs(got - wanted * 255) <= 1, `channel ${c} is ${got}, wanted ${wanted * 255}`);
    }
  });
}

Deno.test("openVideo: tells size, time base, rate, rotation and streams before the first frame", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { rotated: true, audioSeconds: 0.4 });
  await using source = await openVideo(path);
  const { info } = source;
  assert.deepEqual([info.kind, info.width, info.height, info.rotation], ["video", 48, 32, 90]);
  assert.deepEqual([info.frames, info.frameRate, info.codec], [10, 25, "h264"]);
  assert.ok(Math.abs((info.seconds ?? 0) - 0.4) < 1e-6);
  assert.deepEqual(info.streams, ["video h264 48x32", "audio aac 48000 Hz"]);
  assert.equal(info.range, undefined);
});

for (const extension of ["mp4", "mkv", "ts", "h264"]) {
  Deno.test(`openVideo: a range of a .${extension} gives exactly the frames in it, wherever the keyframes are`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 17 });
    const all = await collectFrames(path);
    assert.equal(all.length, 60);
    for (
      const [start, duration, first, count] of [[0, 0.2, 0, 5], [0.68, 0.04, 17, 1], [1, undefined, 25, 35], [
        1.61,
        9,
        41,
        19,
      ]]
    ) {
      const part = await collectFrames(path, {
        start: start ?? 0,
        ...(duration !== undefined && { duration }),
      });
      const wanted = all.slice(first, (first ?? 0) + (count ?? 0));
      assert.deepEqual(part.map(({ pts }) => pts), wanted.map(({ pts }) => pts), `from ${start}`);
      assert.deepEqual(part[0]?.data, wanted[0]?.data);
    }
    assert.deepEqual(await collectFrames(path, { start: 5 }), []);
  });
}

Deno.test("openVideo: the first frame belongs to a range from 0, whatever fraction of a second it comes at", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  // It begins at one thirtieth of a second: in FFmpeg's microseconds that is later than in its own ticks.
  const pts = Array.from({ length: 20 }, (_, i) => 1001 * (i + 1));
  await makeClip(path, { ticks: 30_000, pts, encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  const all = await collectFrames(path);
  assert.deepEqual([all.length, all[0]?.pts], [20, 3003n]);
  const part = await collectFrames(path, { duration: 0.1 });
  assert.deepEqual(part.map(({ pts }) => pts), [3003n, 6006n, 9009n]);
});

Deno.test("openVideo: a range that begins before the first frame, or far from a keyframe, has its own frames", async () => {
  await using folder = await temporaryFolder();
  const late = { pts: Array.from({ length: 40 }, (_, i) => i + 13), audioSeconds: 2 };
  const between = {
    pts: Array.from({ length: 60 }, (_, i) => i),
    encoder: FF_ENCODER_MPEG4,
    encoderOptions: { bf: "2" },
  };
  for (const [name, clip, start] of [["late.mkv", late, 0.2], ["between.avi", between, 0.9]] as const) {
    const path = folder.file(name);
    await makeClip(path, clip);
    const all = await collectFrames(path);
    await using source = await openVideo(path, { start });
    const { num, den } = source.info.timeBase;
    const wanted = all.filter(({ pts }) => Number(pts) * num / den >= start);
    const part = await Array.fromAsync(source.frames);
    assert.ok(wanted.length > 30);
    assert.deepEqual(part.map(({ pts }) => pts), wanted.map(({ pts }) => pts), name);
    assert.deepEqual(part[0]?.data, wanted[0]?.data);
    assert.equal(source.damage, undefined);
  }
});

Deno.test("openVideo: interlaced pictures come whole", async () => {
  await using folder = await temporaryFolder();
  const [fields, whole] = [folder.file("fields.mp4"), folder.file("whole.mp4")];
  await makeClip(whole);
  await makeClip(fields, { encoderOptions: { qp: "0", preset: "ultrafast", "x264-params": "tff=1" } });
  assertFramesEqual(await collectFrames(fields), await collectFrames(whole), 0);
});

Deno.test("openVideo: a frame owns its memory and can be handed to another thread", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: [0, 1] });
  const [first, second] = await collectFrames(path);
  assert.ok(first && second);
  assert.equal(first.data.buffer.byteLength, 48 * 32 * 3);
  assert.equal(structuredClone(first.data.buffer, { transfer: [first.data.buffer] }).byteLength, 48 * 32 * 3);
  assert.equal(first.data.length, 0);
  assert.equal(second.data.length, 48 * 32 * 3);
});

Deno.test("openVideo: decodes only as far as it is read", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 300 }, (_, i) => i) });
  await using source = await openVideo(path);
  let taken = 0;
  const ending = new AbortController();
  const counted = source.frames.pipeThrough(
    new TransformStream({ transform: (frame, controller) => (taken++, controller.enqueue(frame)) }, {
      highWaterMark: 1,
    }, {
      highWaterMark: 0,
    }),
  );
  const never = new WritableStream({ write: () => new Promise<void>(() => {}) }, { highWaterMark: 1 });
  const piped = counted.pipeTo(never, { signal: ending.signal });
  await delay(500);
  assert.ok(taken >= 1 && taken <= 3, `${taken} frames left the source, marks allow 3`);
  ending.abort();
  piped.catch(() => {});
});

Deno.test("openVideo: aborting ends the frames with the reason; disposing twice, or early, is fine", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i) });
  const ending = new AbortController();
  await using source = await openVideo(path, { signal: ending.signal });
  const reader = source.frames.getReader();
  await reader.read();
  const reason = new Error("enough");
  ending.abort(reason);
  await assert.rejects(reader.read(), reason);
  await source[Symbol.asyncDispose]();
  await assert.rejects(openVideo(path, { signal: AbortSignal.abort(reason) }), reason);
  const early = await openVideo(path);
  const pending = assert.rejects(early.frames.getReader().read(), /source was disposed/);
  await early[Symbol.asyncDispose]();
  await pending;
});

Deno.test("openVideo: more than 8 bits a sample is refused in one line", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("deep.mp4");
  await makeClip(path, {
    pixelFormat: AV_PIX_FMT_YUV420P10LE,
    encoder: FF_ENCODER_LIBX265,
  });
  await assert.rejects(
    openVideo(path),
    /deep\.mp4: This video is more than 8 bits a sample \(yuv420p10le\).*Convert it to 8-bit video$/,
  );
});

Deno.test("openVideo: a picture that changes its size is refused with both sizes", async () => {
  await using folder = await temporaryFolder();
  const [small, large, both] = [folder.file("a.ts"), folder.file("b.ts"), folder.file("both.ts")];
  await makeClip(small, { pts: Array.from({ length: 30 }, (_, i) => i) });
  await makeClip(large, { width: 64, height: 48, pts: Array.from({ length: 30 }, (_, i) => i + 30) });
  await writeFile(both, Buffer.concat([await readFile(small), await readFile(large)]));
  await assert.rejects(collectFrames(both), /picture size changes from 48x32 to 64x48/);
});
