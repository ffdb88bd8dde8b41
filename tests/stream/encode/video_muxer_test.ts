import assert from "node:assert/strict";
import { AV_CODEC_ID_VP9 } from "node-av/constants";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("VideoMuxer: variable frame rate, rotation, sample aspect, tags and sound stay as they were", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  const pts = [3, 4, 9, 10, 25, 26, 27, 60];
  await makeClip(input, {
    pts,
    ticks: 90,
    rotated: true,
    sampleAspect: [4, 3],
    audioSeconds: 1.1,
    tags: { title: "A clip", comment: "not lost" },
  });
  assert.deepEqual(await copyVideo(input, output), []);
  const [before, after] = [await probeClip(input), await probeClip(output)];
  const [video, sound] = after.streams;
  assert.deepEqual(video?.times, pts.map((time) => time / 90));
  assert.ok(
    (video?.displayMatrix.length ?? 0) > 0 && video?.displayMatrix === before.streams[0]?.displayMatrix,
  );
  assert.equal(video?.sampleAspect, "4:3");
  assert.equal(after.tags.title, "A clip");
  assert.equal(after.tags.comment, "not lost");
  assert.ok((sound?.packets.length ?? 0) > 40);
  assert.ok((sound?.times[0] ?? 0) < 0, "the priming of the source's sound is what this test is about");
  assert.deepEqual(sound?.packets, before.streams[1]?.packets);
  assert.deepEqual(sound?.times, before.streams[1]?.times);
  assert.deepEqual(await decodeAudio(output), await decodeAudio(input));
});

Deno.test("VideoMuxer: WebM keeps to VP9 when the source is H.264, and says which streams it cannot hold", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.webm")];
  await makeClip(input, { pts: [0, 1], audioSeconds: 0.2 });
  const notes = await copyVideo(input, output);
  const { streams } = await probeClip(output);
  assert.deepEqual(streams.map(({ codecId }) => codecId), [AV_CODEC_ID_VP9]);
  assert.deepEqual(notes, [
    "Video codec vp9 instead of h264: a webm file cannot hold h264",
    "Stream 1 (audio aac 48000 Hz) is left out: webm cannot hold it",
  ]);
});
