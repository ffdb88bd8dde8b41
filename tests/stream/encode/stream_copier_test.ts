import assert from "node:assert/strict";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { decodeAudio, probeClip } from "../../helpers/probe_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("StreamCopier: a range starts at its first frame, sound that overlaps it moves with the picture", async () => {
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

Deno.test("StreamCopier: a range from the beginning keeps the priming of its sound, which is heard as before", async () => {
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

Deno.test("StreamCopier: subtitles that overlap a range are up for as long as they do", async () => {
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
