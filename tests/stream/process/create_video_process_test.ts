import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { AV_CODEC_ID_HEVC, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, FF_ENCODER_MPEG4 } from "node-av/constants";
import { createOutput, type CreateOutputOptions } from "../../../src/stream/create_output.ts";
import { openMedia, type OpenMediaOptions } from "../../../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { testWithFfmpeg, TOLERANCE } from "../../helpers/ffmpeg_program.ts";
import { type ClipOptions, makeClip } from "../../helpers/make_clip.ts";
import { probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

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

testWithFfmpeg("createVideoProcess: sound, times and pixel shape are kept, colours are right", async () => {
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

testWithFfmpeg("createVideoProcess: a range, another codec, --crf and a rotated picture", async () => {
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

testWithFfmpeg("createVideoProcess: what becomes other than it was is noted", async () => {
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

testWithFfmpeg(
  "createVideoProcess: nothing is left of what is given up, or of what it cannot write",
  async () => {
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
  },
);
