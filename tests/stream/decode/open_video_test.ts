import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { FF_ENCODER_MPEG4 } from "node-av/constants";
import { openVideo } from "../../../src/stream/decode/open_video.ts";
import { assertFramesEqual, collectFrames } from "../../helpers/collect_frames.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

for (const extension of ["mp4", "mkv", "ts", "h264"]) {
  Deno.test(`openVideo: a range of a .${extension} gives exactly the frames in it, wherever the keyframes are`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(`clip.${extension}`);
    await makeClip(path, { pts: Array.from({ length: 60 }, (_, i) => i), gop: 17 });
    const all = await collectFrames(path);
    assert.equal(all.length, 60);
    for (
      const [start, duration, first, count] of [[0, 0.2, 0, 5], [0.68, 0.04, 17, 1], [1, undefined, 25, 35], [
        1.61,
        9,
        41,
        19,
      ]]
    ) {
      const part = await collectFrames(path, {
        start: start ?? 0,
        ...(duration !== undefined && { duration }),
      });
      const wanted = all.slice(first, (first ?? 0) + (count ?? 0));
      assert.deepEqual(part.map(({ pts }) => pts), wanted.map(({ pts }) => pts), `from ${start}`);
      assert.deepEqual(part[0]?.data, wanted[0]?.data);
    }
    assert.deepEqual(await collectFrames(path, { start: 5 }), []);
  });
}

Deno.test("openVideo: the first frame belongs to a range from 0, whatever fraction of a second it comes at", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.ts");
  // It begins at one thirtieth of a second: in FFmpeg's microseconds that is later than in its own ticks.
  const pts = Array.from({ length: 20 }, (_, i) => 1001 * (i + 1));
  await makeClip(path, { ticks: 30_000, pts, encoderOptions: { qp: "0", preset: "ultrafast", bf: "0" } });
  const all = await collectFrames(path);
  assert.deepEqual([all.length, all[0]?.pts], [20, 3003n]);
  const part = await collectFrames(path, { duration: 0.1 });
  assert.deepEqual(part.map(({ pts }) => pts), [3003n, 6006n, 9009n]);
});

Deno.test("openVideo: a range that begins before the first frame, or far from a keyframe, has its own frames", async () => {
  await using folder = await temporaryFolder();
  const late = { pts: Array.from({ length: 40 }, (_, i) => i + 13), audioSeconds: 2 };
  const between = {
    pts: Array.from({ length: 60 }, (_, i) => i),
    encoder: FF_ENCODER_MPEG4,
    encoderOptions: { bf: "2" },
  };
  for (const [name, clip, start] of [["late.mkv", late, 0.2], ["between.avi", between, 0.9]] as const) {
    const path = folder.file(name);
    await makeClip(path, clip);
    const all = await collectFrames(path);
    await using source = await openVideo(path, { start });
    const { num, den } = source.info.timeBase;
    const wanted = all.filter(({ pts }) => Number(pts) * num / den >= start);
    const part = await Array.fromAsync(source.frames);
    assert.ok(wanted.length > 30);
    assert.deepEqual(part.map(({ pts }) => pts), wanted.map(({ pts }) => pts), name);
    assert.deepEqual(part[0]?.data, wanted[0]?.data);
    assert.equal(source.damage, undefined);
  }
});

Deno.test("openVideo: decodes only as far as it is read", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 300 }, (_, i) => i) });
  await using source = await openVideo(path);
  let taken = 0;
  const ending = new AbortController();
  const counted = source.frames.pipeThrough(
    new TransformStream({ transform: (frame, controller) => (taken++, controller.enqueue(frame)) }, {
      highWaterMark: 1,
    }, {
      highWaterMark: 0,
    }),
  );
  const never = new WritableStream({ write: () => new Promise<void>(() => {}) }, { highWaterMark: 1 });
  const piped = counted.pipeTo(never, { signal: ending.signal });
  await delay(500);
  assert.ok(taken >= 1 && taken <= 3, `${taken} frames left the source, marks allow 3`);
  ending.abort();
  piped.catch(() => {});
});

Deno.test("openVideo: aborting ends the frames with the reason; disposing twice, or early, is fine", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i) });
  const ending = new AbortController();
  await using source = await openVideo(path, { signal: ending.signal });
  const reader = source.frames.getReader();
  await reader.read();
  const reason = new Error("enough");
  ending.abort(reason);
  await assert.rejects(reader.read(), reason);
  await source[Symbol.asyncDispose]();
  await assert.rejects(openVideo(path, { signal: AbortSignal.abort(reason) }), reason);
  const early = await openVideo(path);
  const pending = assert.rejects(early.frames.getReader().read(), /source was disposed/);
  await early[Symbol.asyncDispose]();
  await pending;
});

Deno.test("openVideo: an abort while it opens, at whatever moment, is not lost", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("clip.mp4");
  await makeClip(path, { pts: Array.from({ length: 100 }, (_, i) => i) });
  const reason = new Error("enough");
  for (const turns of [0, 1, 2, 5, 10, 20, 50]) {
    const ending = new AbortController();
    let opened = false;
    const opening = openVideo(path, { signal: ending.signal });
    opening.then(() => opened = true, () => {});
    for (let i = 0; i < turns && !opened; i++) await delay(0);
    ending.abort(reason);
    if (turns === 0) await assert.rejects(opening, reason);
    const frames = opening.then(async (source) => {
      await using _source = source;
      return await Array.fromAsync(source.frames);
    });
    await assert.rejects(frames, reason, `after ${turns} turns`);
  }
});

for (const name of ["clip.mp4", "clip.ts", "clip.mkv"]) {
  Deno.test(`openVideo: frames chosen by their times are those of the whole in ${name} with open groups of pictures`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file(name);
    await makeClip(path, {
      pts: Array.from({ length: 60 }, (_, i) => i),
      encoderOptions: {
        preset: "medium",
        "x264-params": "open-gop=1:bframes=3:b-adapt=0:scenecut=0:keyint=12",
      },
      sample: (plane, x, y, t) => (plane * 40 + 3 * x + 5 * y + 11 * t) % 200 + 20,
    });
    const whole = await collectFrames(path);
    assert.equal(whole.length, 60);
    for (
      const [first, next] of [[0, 7], [9, 12], [11, 20], [12, 13], [21, 40], [35, 36], [47, 60]] as const
    ) {
      const from = whole[first]?.pts ?? 0n;
      const until = whole[next]?.pts ?? 2n ** 60n;
      assertFramesEqual(await collectFrames(path, { times: { from, until } }), whole.slice(first, next), 0);
    }
  });
}
