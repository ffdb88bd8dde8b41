import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import {
  AV_CODEC_ID_HEVC,
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
} from "node-av/constants";
import { FFmpegError, MediaError } from "../../../src/errors.ts";
import { createOutput, type CreateOutputOptions } from "../../../src/stream/create_output.ts";
import { findFfmpeg } from "../../../src/stream/process/find_ffmpeg.ts";
import { openMedia, type OpenMediaOptions } from "../../../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const program = await findFfmpeg().catch(() => undefined);

/** How far the pictures of two programs may be apart: each resamples chroma its own way. */
const TOLERANCE = 12;

/** A test that needs an ffmpeg program. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: program === undefined, fn });
}

/** Reads and writes a video through ffmpeg with nothing between. Returns what the sink noted. */
async function copy(
  input: string,
  output: string,
  options: OpenMediaOptions & Omit<CreateOutputOptions, "source"> = {},
): Promise<readonly string[]> {
  await using source = await openMedia(input, { ffmpeg: "auto", ...options });
  await using sink = await createOutput(output, { ...options, source: source.info });
  await source.frames.pipeTo(sink.frames);
  return sink.notes ?? [];
}

const WRITTEN =
  /^Read and written by .*ffmpeg.*: rotated for display, .*BT\.709.*damage of the input goes unnoticed$/;

test("openMedia through ffmpeg: tells and gives what FFmpeg inside does, whatever the name", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("a clip: %d 'x'.mp4");
  await makeClip(path, { pts: [0, 1, 5, 6, 20], audioSeconds: 0.5 });
  await using source = await openMedia(path, { ffmpeg: "auto" });
  const { kind, width, height, timeBase, codec, streams, rotation, range, ffmpeg } = source.info;
  assert.deepEqual([kind, width, height, codec, rotation, range], ["video", 48, 32, "h264", 0, undefined]);
  assert.deepEqual(timeBase, { num: 1, den: 12800 });
  assert.deepEqual(streams, ["video h264", "audio aac"]);
  assert.equal(ffmpeg?.program, program);
  assertFramesEqual(await Array.fromAsync(source.frames), await collectFrames(path), TOLERANCE);
});

for (const extension of ["mp4", "mkv", "ts"]) {
  test(`openMedia through ffmpeg: a range of a .${extension} is that of FFmpeg inside, from 0`, async () => {
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
  });
}

test("openMedia through ffmpeg: the first frame is never too early for the file's beginning", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  // It begins at a thirtieth of a second, which ffmpeg tells rounded up to a microsecond.
  const pts = Array.from({ length: 20 }, (_, i) => 1001 * (i + 1));
  await makeClip(path, { ticks: 30_000, pts, encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  await using source = await openMedia(path, { ffmpeg: "auto" });
  const times = (await Array.fromAsync(source.frames)).map((frame) => frame.pts);
  assert.deepEqual([times.length, times[0]], [20, 0n]);
});

test("createOutput through ffmpeg: sound, times and pixel shape are kept, colours are right", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  const late = Array.from({ length: 20 }, (_, i) => i + 10);
  const colour = { matrix: AVCOL_SPC_BT709, range: AVCOL_RANGE_MPEG } as const;
  await makeClip(input, { pts: late, audioSeconds: 1.2, sampleAspect: [4, 3], ...colour });
  const notes = await copy(input, output, { lossless: true });
  assert.equal(notes.length, 1, notes.join());
  assert.match(notes[0] ?? "", WRITTEN);
  const [before, after] = [await probeClip(input), await probeClip(output)];
  assert.deepEqual(after.streams[1]?.packets, before.streams[1]?.packets);
  assert.equal(after.streams[0]?.sampleAspect, "4:3");
  const times = after.streams[0]?.times ?? [];
  assert.equal(times.length, 20);
  for (const [i, time] of times.entries()) assert.ok(Math.abs(time - (i + 10) / 25) < 0.001, `${time}`);
  const [was, is] = [await collectFrames(input), await collectFrames(output)];
  assertFramesEqual(is.map((frame, i) => ({ ...frame, pts: was[i]?.pts ?? 0n })), was, TOLERANCE);
});

test("createOutput through ffmpeg: a range, another codec, --crf and a turned picture", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mkv")];
  await makeClip(input, {
    width: 64,
    height: 80,
    pts: Array.from({ length: 50 }, (_, i) => i),
    audioSeconds: 2,
    rotated: true,
  });
  await copy(input, output, { start: 0.5, duration: 0.4, codec: "hevc", crf: 30 });
  const { streams: [video, sound] } = await probeClip(output);
  assert.equal(video?.codecId, AV_CODEC_ID_HEVC);
  const frames = await collectFrames(output);
  assert.deepEqual([frames.length, frames[0]?.width, frames[0]?.height], [10, 80, 64]);
  assert.ok(sound && sound.times.length > 10 && (sound.times.at(-1) ?? 0) < 0.45);
});

test("createOutput through ffmpeg: what becomes other than it was is noted", async () => {
  await using folder = await temporaryFolder();
  const cases: [ClipOptions, string, string, readonly RegExp[]][] = [
    [{ pts: [0, 1, 5, 6, 40] }, "a.mp4", "b.mp4", [
      WRITTEN,
      /evenly spaced, up to \d\.\d\d s from their time/,
    ]],
    [{ encoder: FF_ENCODER_MPEG4 }, "a.avi", "b.mp4", [
      /h264 instead of mpeg4: mpeg4 is not written/,
      WRITTEN,
    ]],
    [{ subtitles: [["hello", 0, 0.2]] }, "a.mkv", "b.mp4", [
      WRITTEN,
      /^Stream 1 \(subtitle subrip\) is left out/,
    ]],
    [{ subtitles: [["hello", 0, 0.2]] }, "a.mkv", "b.mkv", [WRITTEN]],
  ];
  for (const [clip, from, to, wanted] of cases) {
    const [input, output] = [folder.file(from), folder.file(to)];
    await makeClip(input, clip);
    const notes = await copy(input, output, { overwrite: true });
    assert.equal(notes.length, wanted.length, notes.join("\n"));
    for (const [i, line] of wanted.entries()) assert.match(notes[i] ?? "", line);
    const { streams } = await probeClip(output);
    assert.equal(streams.length, "subtitles" in clip && to.endsWith("mkv") ? 2 : 1);
  }
});

test("openMedia through ffmpeg: what cannot be used is refused, with ffmpeg's own words where they are its", async () => {
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
});

test("createOutput through ffmpeg: nothing is left of what is given up, or of what it cannot write", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input);
  await using source = await openMedia(input, { ffmpeg: "auto" });
  const attempt = createOutput(folder.file("out.webm"), { source: source.info, codec: "h264" });
  await assert.rejects(attempt, /webm file cannot hold h264/);
  await using sink = await createOutput(folder.file("out.mp4"), { source: source.info });
  const writer = sink.frames.getWriter();
  const { value } = await source.frames.getReader().read();
  if (value) await writer.write(value);
  await writer.abort(new Error("enough"));
  assert.deepEqual(await readdir(folder.path), ["in.mp4"]);
});

Deno.test("findFfmpeg: a program that is not there is named, with what would help", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["/no/such/ffmpeg", "no-such-ffmpeg", folder.path]) {
    await assert.rejects(
      findFfmpeg(name),
      new RegExp(`^MediaError: ${name}: There is no such program\\. Install`),
    );
  }
  if (program !== undefined) assert.equal(await findFfmpeg(program), program);
});
