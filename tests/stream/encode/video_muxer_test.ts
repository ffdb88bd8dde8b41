import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import { AV_CODEC_ID_VP9 } from "node-av/constants";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("createVideo: variable frame rate, rotation, sample aspect, tags and sound stay as they were", async () => {
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

Deno.test("createVideo: a range starts at its first frame, sound that overlaps it moves with the picture", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pts: Array.from({ length: 50 }, (_, i) => i), audioSeconds: 2 });
  await copyVideo(input, output, { start: 0.99, duration: 0.5, lossless: true });
  const [all, part] = [await collectFrames(input), await collectFrames(output)];
  const { den } = { den: 12800 };
  assert.equal(part.length, 13);
  const shifted = all.slice(25, 38).map((frame) => ({
    ...frame,
    pts: frame.pts - BigInt(Math.round(0.99 * den)),
  }));
  assertFramesEqual(part, shifted, 1);
  const [before, after] = [(await probeClip(input)).streams[1], (await probeClip(output)).streams[1]];
  const wanted = before?.times.filter((time) => time < 1.49 && time + 1024 / 48000 > 0.99) ?? [];
  assert.equal(after?.times.length, wanted.length);
  for (const [i, time] of wanted.entries()) {
    assert.ok(Math.abs((after?.times[i] ?? 0) - (time - 0.99)) < 1e-4);
  }
});

Deno.test("createVideo: a range from the beginning keeps the priming of its sound, which is heard as before", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mp4"), folder.file("out.mp4")];
  await makeClip(input, { pts: Array.from({ length: 50 }, (_, i) => i), audioSeconds: 2 });
  const whole = await decodeAudio(input);
  for (const range of [{ duration: 0.5 }, { start: 0, duration: 0.5 }]) {
    await copyVideo(input, output, { ...range, overwrite: true });
    const sound = (await probeClip(output)).streams[1];
    assert.ok((sound?.times[0] ?? 0) < 0);
    const part = await decodeAudio(output);
    const [heard, wanted] = [part.length - 2048, whole.slice(0, part.length - 2048)]; // the last packet lacks the next one's half
    assert.ok(heard > 0.45 * 48000);
    assert.deepEqual(part.slice(0, heard), wanted);
  }
});

Deno.test("createVideo: subtitles that overlap a range are up for as long as they do", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [folder.file("in.mkv"), folder.file("out.mkv")];
  await makeClip(input, {
    pts: Array.from({ length: 50 }, (_, i) => i),
    subtitles: [["before", 0.1, 0.4], ["into", 0.2, 0.8], ["inside", 0.8, 0.9], ["beyond", 0.9, 5], [
      "after",
      1,
      1.5,
    ]],
  });
  await copyVideo(input, output, { start: 0.5, duration: 0.5 });
  const [, subtitles] = (await probeClip(output)).streams;
  assert.deepEqual(subtitles?.times, [0, 0.3, 0.4]);
  assert.deepEqual(subtitles?.durations, [0.3, 0.1, 0.1]);
  await copyVideo(input, folder.file("rest.mkv"), { start: 0.5 });
  const [, rest] = (await probeClip(folder.file("rest.mkv"))).streams;
  assert.deepEqual(rest?.durations, [0.3, 0.1, 4.1, 0.5], "without an end they stay up");
  await copyVideo(input, folder.file("all.mkv"));
  const [, before] = (await probeClip(input)).streams;
  const [, all] = (await probeClip(folder.file("all.mkv"))).streams;
  assert.deepEqual([all?.times, all?.durations], [before?.times, before?.durations]);
});

Deno.test("createVideo: WebM keeps to VP9 when the source is H.264, and says which streams it cannot hold", async () => {
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

Deno.test("createVideo: chapters, which it cannot write, are named", async () => {
  await using folder = await temporaryFolder();
  const input = folder.file("in.mp4");
  await makeClip(input, { pts: [0, 1, 2] });
  assert.deepEqual(await copyVideo(input, folder.file("none.mp4")), []);
  await writeFile(input, withChapters(await readFile(input), ["one", "two"]));
  const notes = await copyVideo(input, folder.file("out.mp4"));
  assert.deepEqual(notes, ["Its 2 chapters are left out: they cannot be written yet"]);
});

/** An MP4 whose `moov`, which is its last box, has Nero's chapter list, a second for each title. */
function withChapters(file: Uint8Array, titles: readonly string[]): Uint8Array {
  const bytes = Buffer.from(file);
  const moov = bytes.lastIndexOf("moov") - 4;
  assert.equal(moov + bytes.readUInt32BE(moov), bytes.length, "moov is the last box");
  const entries = titles.map((title, i) => {
    const start = Buffer.alloc(9);
    start.writeBigUInt64BE(BigInt(i) * 10_000_000n);
    start[8] = title.length;
    return Buffer.concat([start, Buffer.from(title)]);
  });
  const list = box("chpl", Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, titles.length]), ...entries]));
  const extra = box("udta", list);
  bytes.writeUInt32BE(bytes.length - moov + extra.length, moov);
  return Buffer.concat([bytes, extra]);
}

function box(name: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(name, 4);
  return Buffer.concat([head, content]);
}
