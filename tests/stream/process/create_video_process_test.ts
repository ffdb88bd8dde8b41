import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { AV_CODEC_ID_HEVC, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, FF_ENCODER_MPEG4 } from "node-av/constants";
import { createOutput, type CreateOutputOptions } from "../../../src/stream/create_output.ts";
import { createVideoProcess } from "../../../src/stream/process/create_video_process.ts";
import { openMedia, type OpenMediaOptions } from "../../../src/stream/open_media.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { type Behaviour, fakeFfmpeg, fakePid, isAlive } from "../../helpers/fake_ffmpeg.ts";
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

/** An output written by a fake program: one frame fills its pipe. */
async function fakeOutput(folder: { file(name: string): string }, behaviour: Behaviour) {
  const [clip, ffmpeg] = [folder.file("in.mp4"), folder.file("ffmpeg")];
  await writeFile(clip, "read by nobody");
  await fakeFfmpeg(ffmpeg, behaviour);
  const size = { width: 512, height: 512 };
  const template = {
    timeBase: { num: 1, den: 25 },
    streams: [],
    ffmpeg: { program: ffmpeg, sampleAspect: "1/1" },
  };
  const sink = await createVideoProcess(folder.file("out.mp4"), {
    template,
    copy: { path: clip },
    codec: "h264",
  });
  const frame = (pts: number) => ({
    data: new Uint8Array(512 * 512 * 3),
    ...size,
    pts: BigInt(pts),
    duration: 1n,
  });
  return { sink, frame, ffmpeg };
}

for (const [moment, behaviour] of [["written", "reads nothing"], ["closed", "never ends"]] as const) {
  for (const way of ["aborted", "disposed"] as const) {
    Deno.test({
      name:
        `createVideoProcess: ${way} while it is being ${moment}, a stubborn program is ended and nothing is left`,
      ignore: Deno.build.os === "windows",
      fn: async () => {
        await using folder = await temporaryFolder();
        const { sink, frame, ffmpeg } = await fakeOutput(folder, behaviour);
        const writer = sink.frames.getWriter();
        writer.closed.catch(() => {});
        writer.write(frame(0)).catch(() => {});
        const pid = await fakePid(ffmpeg);
        const last = moment === "closed" ? writer.close() : writer.write(frame(1));
        last.catch(() => {});
        await delay(50);
        if (way === "aborted") await writer.abort(new Error("enough")).catch(() => {});
        else await sink[Symbol.asyncDispose]();
        await assert.rejects(last);
        await sink[Symbol.asyncDispose]();
        assert.equal(isAlive(pid), false);
        assert.deepEqual((await readdir(folder.path)).sort(), ["ffmpeg", "ffmpeg.pid", "in.mp4"]);
      },
    });
  }
}

Deno.test({
  name: "createVideoProcess: a program that fails says why at the next frame, or when it is closed",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    for (const closes of [false, true]) {
      const { sink, frame, ffmpeg } = await fakeOutput(folder, "fails");
      const writer = sink.frames.getWriter();
      writer.closed.catch(() => {});
      const writing = writer.write(frame(0));
      writing.catch(() => {});
      await fakePid(ffmpeg);
      await delay(50);
      const last = writing.then(() => closes ? writer.close() : writer.write(frame(1)));
      await assert.rejects(last, /ffmpeg ended with exit code 3: .*Invalid data/s);
      await sink[Symbol.asyncDispose]();
      await rm(`${ffmpeg}.pid`);
    }
    assert.deepEqual((await readdir(folder.path)).sort(), ["ffmpeg", "in.mp4"]);
  },
});
