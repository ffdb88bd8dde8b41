import assert from "node:assert/strict";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import type { MediaInfo } from "../../src/frame.ts";
import { createOutput } from "../../src/stream/create_output.ts";
import { openMedia } from "../../src/stream/open_media.ts";
import { makeClip } from "../helpers/make_clip.ts";
import { shadedPng } from "../helpers/make_picture.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

Deno.test("createOutput: no input is its own output, by whatever name", async () => {
  await using folder = await temporaryFolder();
  const [clip, picture, pictures] = [folder.file("clip.mp4"), folder.file("a.png"), folder.file("frames")];
  await makeClip(clip);
  await writeFile(picture, await shadedPng(4, 4, 100));
  await mkdir(pictures);
  await writeFile(folder.file("frames/1.png"), await shadedPng(4, 4, 100));
  const before = (await readdir(folder.path)).sort();
  for (const input of [clip, picture, pictures]) {
    await using source = await openMedia(input);
    for (const output of [input, `${folder.path}/./${input.slice(folder.path.length + 1)}`]) {
      const attempt = createOutput(output, { source: source.info, overwrite: true });
      await assert.rejects(attempt, /The output is the input/);
    }
  }
  if (Deno.build.os !== "windows") {
    await symlink(clip, folder.file("link.mp4"));
    await using source = await openMedia(clip);
    const attempt = createOutput(folder.file("link.mp4"), { source: source.info, overwrite: true });
    await assert.rejects(attempt, /The output is the input/);
    before.push("link.mp4");
  }
  assert.deepEqual((await readdir(folder.path)).sort(), before.sort());
});

Deno.test("createOutput: a live source becomes a video, of which nothing is copied", async () => {
  await using folder = await temporaryFolder();
  const source: MediaInfo = {
    path: "rtsp://camera/1",
    kind: "live",
    width: 16,
    height: 16,
    timeBase: { num: 1, den: 90_000 },
    rotation: 0,
    streams: ["video h264 16x16", "audio aac 48000 Hz"],
  };
  await using sink = await createOutput(folder.file("out.mkv"), { source });
  const writer = sink.frames.getWriter();
  const data = new Uint8Array(16 * 16 * 3);
  await writer.write({ data, width: 16, height: 16, pts: 0n, duration: 3600n });
  await writer.close();
  await using written = await openMedia(folder.file("out.mkv"));
  assert.deepEqual(written.info.streams, ["video h264 16x16"]);
});
