import assert from "node:assert/strict";
import { scanVideo } from "../../../src/stream/packets/scan_video.ts";
import { collectFrames } from "../../helpers/collect_frames.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("scanVideo: finds the times of all frames, in order, without decoding, and those of a range", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mkv");
  await makeClip(path, { pts: [0, 1, 2, 5, 6, 9, 10, 14, 15, 20], audioSeconds: 1 });
  const scan = await scanVideo(path);
  assert.ok("times" in scan);
  const times = (await collectFrames(path)).map(({ pts }) => Number(pts));
  assert.deepEqual([...scan.times], times);
  const range = { start: 0.2, duration: 0.4 };
  const part = await scanVideo(path, range);
  assert.ok("times" in part);
  assert.deepEqual([...part.times], (await collectFrames(path, range)).map(({ pts }) => Number(pts)));
  assert.ok(part.times.every((time) => time >= part.from && time < part.until));
});

Deno.test("scanVideo: says why a video cannot be cut: its container does not say when frames are shown", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("clip.avi"), { encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  assert.deepEqual(await scanVideo(folder.file("clip.avi")), {
    reason: "a file of avi does not say when each frame is shown",
  });
});
