import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { AV_PIX_FMT_YUV420P10LE, FF_ENCODER_LIBX265 } from "node-av/constants";
import { FFmpegError, MediaError } from "../../../src/errors.ts";
import type { FrameSource } from "../../../src/frame.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { FAKE_WIDTH, fakeFfmpeg, fakePid, isAlive } from "../../helpers/fake_ffmpeg.ts";
import { ffmpegProgram, testWithFfmpeg, TOLERANCE } from "../../helpers/ffmpeg_program.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

testWithFfmpeg("openVideoProcess: tells and gives what FFmpeg inside does, whatever the name", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a clip: %d 'x'.mp4");
  await makeClip(path, { pts: [0, 1, 5, 6, 20], audioSeconds: 0.5 });
  await using source = await openMedia(path, { ffmpeg: "auto" });
  const { kind, width, height, timeBase, codec, streams, rotation, range, ffmpeg } = source.info;
  assert.deepEqual([kind, width, height, codec, rotation, range], ["video", 48, 32, "h264", 0, undefined]);
  assert.deepEqual(timeBase, { num: 1, den: 12800 });
  assert.deepEqual(streams, ["video h264", "audio aac"]);
  assert.equal(ffmpeg?.program, ffmpegProgram);
  assertFramesEqual(await Array.fromAsync(source.frames), await collectFrames(path), TOLERANCE);
});

for (const extension of ["mp4", "mkv", "ts"]) {
  testWithFfmpeg(
    `openVideoProcess: a range of a .${extension} is that of FFmpeg inside, from 0`,
    async () => {
      await using folder = await temporaryFolder();
      const path = folder.file(`clip.${extension}`);
      await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 17 });
      for (const range of [{ start: 0.68, duration: 0.1 }, { duration: 0.2 }, { start: 1.61 }]) {
        const inside = await collectFrames(path, range);
        await using source = await openMedia(path, { ...range, ffmpeg: "auto" });
        const frames = await Array.fromAsync(source.frames);
        const shift = (inside[0]?.pts ?? 0n) - (frames[0]?.pts ?? 0n);
        assertFramesEqual(frames.map((frame) => ({ ...frame, pts: frame.pts + shift })), inside, TOLERANCE);
        assert.ok(Number(frames[0]?.pts) * source.info.timeBase.num / source.info.timeBase.den < 0.04);
        assert.equal(source.info.frames, frames.length);
      }
    },
  );
}

testWithFfmpeg("openVideoProcess: the first frame is never too early for the file's beginning", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  // It begins at a thirtieth of a second, which ffmpeg tells rounded up to a microsecond.
  const pts = Array.from({ length: 20 }, (_, i) => 1001 * (i + 1));
  await makeClip(path, { ticks: 30_000, pts, encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  await using source = await openMedia(path, { ffmpeg: "auto" });
  const times = (await Array.fromAsync(source.frames)).map((frame) => frame.pts);
  assert.deepEqual([times.length, times[0]], [20, 0n]);
});

testWithFfmpeg(
  "openVideoProcess: what cannot be used is refused, with ffmpeg's own words where they are its",
  async () => {
    await using folder = await temporaryFolder();
    const [text, deep, sound] = ["text.mp4", "deep.mp4", "sound.mp4"].map((name) => folder.file(name));
    await writeFile(text ?? "", "no film");
    await makeClip(deep ?? "", {
      pixelFormat: AV_PIX_FMT_YUV420P10LE,
      encoder: FF_ENCODER_LIBX265,
    });
    await makeClip(sound ?? "", { withoutVideo: true, audioSeconds: 0.3 });
    const ffmpeg = "auto";
    await assert.rejects(openMedia(text ?? "", { ffmpeg }), (error) => {
      assert.ok(error instanceof FFmpegError);
      assert.match(error.message, /exit code \d+: .*Invalid data/);
      assert.ok(error.args.includes("-i"));
      return true;
    });
    await assert.rejects(openMedia(deep ?? "", { ffmpeg }), /more than 8 bits a sample \(yuv420p10le\)/);
    await assert.rejects(
      openMedia(sound ?? "", { ffmpeg }),
      /no video stream in this file: it holds audio aac/,
    );
    await assert.rejects(openMedia(folder.file("none.mp4"), { ffmpeg }), MediaError);
    await assert.rejects(openMedia(deep ?? "", { ffmpeg, start: -1 }), RangeError);
    await writeFile(folder.file("list.mp4"), `ffconcat version 1.0\nfile '${deep}'\n`);
    await assert.rejects(openMedia(folder.file("list.mp4"), { ffmpeg }), FFmpegError);
  },
);

const REASON = new Error("enough");

/** Ways to end a source, and what `frames` then says. */
const ENDINGS = [
  ["aborted", (_: FrameSource, ending: AbortController) => ending.abort(REASON), /^Error: enough$/],
  ["disposed", (source: FrameSource) => source[Symbol.asyncDispose](), /The source was disposed/],
] as const;

for (const behaviour of ["endless frames", "falls silent"] as const) {
  for (const [name, end, said] of ENDINGS) {
    Deno.test({
      name:
        `openVideoProcess: ${name}, a program of ${behaviour} is ended, whether a frame is waited for or not`,
      ignore: Deno.build.os === "windows",
      fn: async () => {
        await using folder = await temporaryFolder();
        const [clip, ffmpeg] = [folder.file("clip.mp4"), folder.file("ffmpeg")];
        await writeFile(clip, "read by nobody");
        await fakeFfmpeg(ffmpeg, behaviour);
        for (const isWaiting of [false, true]) {
          const ending = new AbortController();
          const source = await openMedia(clip, { ffmpeg, signal: ending.signal });
          const pid = await fakePid(ffmpeg);
          const reader = source.frames.getReader();
          assert.equal((await reader.read()).value?.pts, 0n);
          await delay(50);
          const reading = isWaiting ? reader.read().then(() => reader.read()) : undefined;
          reading?.catch(() => {});
          await end(source, ending);
          await assert.rejects(reading ?? reader.read(), said);
          await source[Symbol.asyncDispose]();
          assert.equal(isAlive(pid), false);
          await rm(`${ffmpeg}.pid`);
        }
      },
    });
  }
}

Deno.test({
  name: "openVideoProcess: an abort while it opens is not lost; a program that fails says why",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    const [clip, ffmpeg] = [folder.file("clip.mp4"), folder.file("ffmpeg")];
    await writeFile(clip, "read by nobody");
    await fakeFfmpeg(ffmpeg, "endless frames");
    for (const milliseconds of [0, 5, 20, 60]) {
      const ending = new AbortController();
      const opening = openMedia(clip, { ffmpeg, signal: ending.signal });
      const frames = opening.then(async (source) => {
        await using _source = source;
        for await (const frame of source.frames) assert.equal(frame.width, FAKE_WIDTH);
      });
      const ended = assert.rejects(frames, REASON, `after ${milliseconds} ms`);
      if (milliseconds > 0) await delay(milliseconds);
      ending.abort(REASON);
      await ended;
    }
    await fakeFfmpeg(ffmpeg, "fails");
    await using source = await openMedia(clip, { ffmpeg });
    await assert.rejects(Array.fromAsync(source.frames), /ffmpeg ended with exit code 3: Invalid data/);
  },
});
