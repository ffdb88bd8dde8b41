import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { FFmpegError, MediaError } from "../../src/errors.ts";
import { FfmpegProcess } from "../../src/stream/ffmpeg_process.ts";
import { findFfmpeg } from "../../src/stream/find_ffmpeg.ts";
import { openVideoProcess } from "../../src/stream/open_video_process.ts";
import { ShownInfo } from "../../src/stream/shown_info.ts";
import { createVideoProcess } from "../../src/stream/write_video_process.ts";
import { assertFramesEqual, collectFrames } from "../helpers/collect_frames.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { probeClip } from "../helpers/probe_clip.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const program = await findFfmpeg().catch(() => undefined);
const onUnix = Deno.build.os !== "windows";

Deno.test({
  name: "openVideoProcess: times are those of openVideo, pictures nearly so, with odd names and rotation",
  ignore: program === undefined,
  fn: async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("a clip: %d 'x'.mp4");
    await makeClip(path, { pts: [0, 1, 5, 6, 20], rotated: true, audioSeconds: 0.5 });
    await using source = await openVideoProcess(path);
    const { info } = source;
    assert.deepEqual([info.width, info.height, info.rotation, info.timeBase], [48, 32, 90, {
      num: 1,
      den: 12800,
    }]);
    assert.deepEqual(info.streams, ["video h264", "audio aac"]);
    // The program resamples chroma its own way.
    assertFramesEqual(await Array.fromAsync(source.frames), await collectFrames(path), 12);
  },
});

Deno.test({
  name: "createVideoProcess: sound is copied, the file gets its name when complete and none when given up",
  ignore: program === undefined,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
    await makeClip(input, { audioSeconds: 0.4 });
    {
      await using source = await openVideoProcess(input);
      await using sink = await createVideoProcess(output, { source: source.info });
      await source.frames.pipeTo(sink.frames);
      assert.equal((await collectFrames(output)).length, 10);
      const [before, after] = [await probeClip(input), await probeClip(output)];
      assert.deepEqual(after.streams[1]?.packets, before.streams[1]?.packets);
    }
    await using source = await openVideoProcess(input);
    await using sink = await createVideoProcess(folder.file("other.mp4"), { source: source.info });
    const writer = sink.frames.getWriter();
    const { value } = await source.frames.getReader().read();
    if (value) await writer.write(value);
    await writer.abort(new Error("enough"));
    assert.deepEqual((await readdir(folder.path)).sort(), ["in.mp4", "out.mp4"]);
  },
});

Deno.test({
  name: "openVideoProcess: what ffmpeg cannot read fails with its own words; a missing program is named",
  ignore: program === undefined,
  fn: async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("text.mp4"), "no film");
    await assert.rejects(openVideoProcess(folder.file("text.mp4")), (error) => {
      assert.ok(error instanceof FFmpegError);
      assert.match(error.message, /exit code \d+: .*Invalid data/);
      assert.ok(error.args.includes("-i"));
      return true;
    });
    await assert.rejects(openVideoProcess(folder.file("none.mp4")), MediaError);
  },
});

Deno.test("findFfmpeg: a program that is not there is named, with what would help", async () => {
  await assert.rejects(
    findFfmpeg("/no/such/ffmpeg"),
    /\/no\/such\/ffmpeg: There is no such program; install FFmpeg/,
  );
});

Deno.test({
  name:
    "FfmpegProcess: a megabyte on stderr does not block it, and disposing leaves no process, however stubborn",
  ignore: !onUnix,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [fake, pid] = [folder.file("ffmpeg"), folder.file("pid")];
    const noise =
      `i=0; while [ $i -lt 16000 ]; do echo "a line of noise that is sixty-four characters long, as good as any" >&2; i=$((i+1)); done`;
    const script =
      `#!/bin/sh\ncase "$*" in *-encoders*|*-formats*) exit 0;; esac\ntrap '' TERM\necho $$ > '${pid}'\n${noise}\n` +
      `case "$*" in *stay*) while :; do sleep 0.05; done;; esac\nexit 3\n`;
    await writeFile(fake, script);
    await chmod(fake, 0o755);
    const loud = new FfmpegProcess(fake, (command) => void command.input("x").output("y"));
    loud.start();
    await assert.rejects(loud.done, (error) => {
      assert.ok(error instanceof FFmpegError);
      assert.equal(error.exitCode, 3);
      assert.ok(error.stderr.length > 0 && error.stderr.length < 10_000);
      return true;
    });
    const stubborn = new FfmpegProcess(fake, (command) => void command.input("stay").output("y"));
    stubborn.start();
    await delay(300);
    await stubborn[Symbol.asyncDispose]();
    const id = Number(await readFile(pid, "utf8"));
    assert.throws(() => Deno.kill(id, "SIGCONT"), Deno.errors.NotFound);
    const early = new FfmpegProcess(fake, (command) => void command.input("stay").output("y"));
    early.start();
    await early[Symbol.asyncDispose]();
    await assert.rejects(early.done);
  },
});

Deno.test("ShownInfo: reads size, times, rate, length and rotation from ffmpeg's words, and its end", async () => {
  const shown = new ShownInfo();
  for (
    const line of [
      "  Duration: 00:01:02.50, start: 0.000000, bitrate: 1 kb/s",
      "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 320x240, 30 fps",
      "      displaymatrix: rotation of -90.00 degrees",
      "Output #0, rawvideo, to 'pipe:1':",
      "  Stream #0:0: Video: rawvideo (RGB[24] / 0x18424752), rgb24, 320x240",
      "[Parsed_showinfo_0 @ 0x1] config in time_base: 1/30000, frame_rate: 30000/1001",
      "[Parsed_showinfo_0 @ 0x1] n:   0 pts:   1001 pts_time:0.03 duration:   1001 duration_time:0.03 fmt:yuv420p s:320x240 i:P",
    ]
  ) shown.read(line);
  shown.end();
  const { frameRate, ...info } = await shown.info("a.mp4");
  assert.ok(Math.abs((frameRate ?? 0) - 29.97) < 0.001);
  assert.deepEqual(info, {
    path: "a.mp4",
    kind: "video",
    width: 320,
    height: 240,
    timeBase: { num: 1, den: 30000 },
    rotation: 90,
    streams: ["video h264"],
    seconds: 62.5,
  });
  assert.deepEqual(await shown.next(), { pts: 1001n, duration: 1001n });
  assert.equal(await shown.next(), undefined);
});
