import assert from "node:assert/strict";
import { FF_ENCODER_LIBX264 } from "node-av/constants";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const REORDERED: ClipOptions = {
  pts: Array.from({ length: 50 }, (_, i) => i),
  encoder: FF_ENCODER_LIBX264,
  encoderOptions: { crf: "10", "x264-params": "bframes=3:b-adapt=0:scenecut=0" },
};

/** Seconds at which the frames of a video are shown. */
async function timesOf(path: string): Promise<number[]> {
  const frames = await collectFrames(path);
  const unit = (await probeClip(path)).streams[0]?.timeBase.split("/").map(Number) ?? [];
  const [num = 0, den = 1] = unit;
  return frames.map(({ pts }) => Number(pts) * num / den);
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, time] of actual.entries()) {
    assert.ok(Math.abs(time - (expected[i] ?? NaN)) <= tolerance, `${i}: ${time}, not ${expected[i]}`);
  }
}

Deno.test("createVideo: in AVI, which has no times of frames, they stay with the sound", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.avi")];
  await makeClip(input, { ...REORDERED, audioSeconds: 2 });
  const notes = await copyVideo(input, output, { lossless: true });
  assert.ok(notes.includes("Without B-frames: a file of avi does not hold their times"), notes.join());
  const expected = Array.from({ length: 50 }, (_, i) => i / 25);
  assertClose(await timesOf(output), expected, 1e-9);
  const [video, sound] = (await probeClip(output)).streams;
  assert.equal(video?.timeBase, "1/25", "one unit a frame");
  // Packets that players were to skip would delay everything after them.
  const heard = (await probeClip(input)).streams[1]?.times.filter((time) => time >= -0.5 * 1024 / 48_000) ??
    [];
  assertClose(sound?.times ?? [], heard, 1024 / 48_000);
});

Deno.test("openVideo: frames of an AVI file that were coded in another order begin with the file, as players show them", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("in.avi");
  await makeClip(path, REORDERED);
  assertClose(await timesOf(path), Array.from({ length: 50 }, (_, i) => i / 25), 1e-9);
});

Deno.test("openVideo: an AVI file of uneven times is whole, and a copy of it has the same times", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.avi")];
  const pts = [0, 40, 55, 90, 95, 240];
  await makeClip(input, { pts, ticks: 100 });
  await copyVideo(input, output);
  assertClose(await timesOf(output), pts.map((time) => time / 100), 1e-3);
});

Deno.test("createVideo: all of the sound of a part of an AVI file is copied", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.avi"), folder.file("out.avi")];
  await makeClip(input, { ...REORDERED, audioSeconds: 2 });
  await copyVideo(input, output, { start: 0.2, duration: 1.5 });
  const [, sound] = (await probeClip(output)).streams;
  assert.ok(
    Math.abs((sound?.times.length ?? 0) * 1024 / 48_000 - 1.5) < 0.05,
    `${sound?.times.length} packets`,
  );
});
