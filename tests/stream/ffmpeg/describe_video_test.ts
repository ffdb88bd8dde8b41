import assert from "node:assert/strict";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("describeVideo: tells size, time base, rate, rotation and streams before the first frame", async () => {
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

for (const extension of ["mp4", "mkv"]) {
  Deno.test(`describeVideo: as many frames are expected of a .${extension} as come, whatever range is wanted`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i) });
    for (
      const range of [
        {},
        { duration: 0.29 },
        { start: 0.1, duration: 0.29 },
        { start: 0.5, duration: 0.5 },
        { start: 2 },
        { start: 2.37, duration: 9 },
        { start: 7 },
      ]
    ) {
      await using source = await openVideo(path, range);
      const frames = await Array.fromAsync(source.frames);
      assert.equal(source.info.frames, frames.length, JSON.stringify(range));
    }
  });
}
