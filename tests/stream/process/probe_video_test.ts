import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { probeVideo } from "../../../src/stream/process/probe_video.ts";
import { ffmpegProgram, testWithFfmpeg } from "../../helpers/ffmpeg_program.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

testWithFfmpeg("probeVideo: what an ffmpeg program says of a video", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { audioSeconds: 0.4, sampleAspect: [4, 3] });
  const video = await probeVideo(ffmpegProgram ?? "", path);
  const { width, height, frameRate, codec, streams, pixelFormat, sampleAspect } = video;
  assert.deepEqual([width, height, frameRate, codec], [48, 32, 25, "h264"]);
  assert.deepEqual([streams, pixelFormat, sampleAspect], [["video h264", "audio aac"], "yuv420p", "4/3"]);
});

Deno.test({
  name: "probeVideo: aborting ends a program that does not, with the reason",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    const program = folder.file("ffmpeg");
    const answers =
      'case "$*" in *-formats*) echo "  E null raw null video"; exit 0;; *-encoders*) exit 0;; esac';
    await writeFile(program, `#!/bin/sh\n${answers}\nwhile :; do sleep 0.05; done\n`);
    await chmod(program, 0o755);
    const ending = new AbortController();
    const reason = new Error("enough");
    const probing = probeVideo(program, folder.file("clip.mp4"), ending.signal);
    setTimeout(() => ending.abort(reason), 200);
    await assert.rejects(probing, reason);
  },
});
