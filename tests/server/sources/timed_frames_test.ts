import assert from "node:assert/strict";
import type { Frame, Picture } from "../../../src/frame.ts";
import { judgeFrames, judgeOptionsFor } from "../../../mod.ts";
import { FrameTimes } from "../../../src/server/sources/frame_times.ts";
import { type TimedFrame, TimedFrames } from "../../../src/server/sources/timed_frames.ts";
import { type FakeClip, type FakeRange, fakeSource, timesOf } from "../../helpers/preview/fake_media.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const SIZE = { width: 96, height: 64 };
/** Repeated frames, still ones and moving ones, at uneven times. */
const SHIFTS = [
  0,
  3,
  6,
  6,
  6,
  6,
  6,
  6,
  6,
  7,
  8,
  30,
  52,
  52,
  52.5,
  53,
  90,
  91,
  92,
  92,
  92,
  92,
  92,
  92,
  92,
  110,
  130,
];
const TIMES = SHIFTS.map((_, i) => i + Math.floor(i / 9) * 2);
const CLIP: FakeClip = { ...SIZE, frames: SHIFTS.length, frameRate: 25, times: TIMES };

const pictures: readonly Picture[] = SHIFTS.map((dx) => renderScene({ ...SIZE, dx, dy: dx / 3 }));

/** The clip, with a scene in its frames. */
function open(range: FakeRange = {}) {
  const source = fakeSource(CLIP, range);
  const frames = source.frames.pipeThrough(
    new TransformStream<Frame, Frame>({
      transform: (frame, controller) => {
        const { data } = pictures[TIMES.indexOf(Number(frame.pts))] ?? frame;
        controller.enqueue({ ...frame, data: new Uint8Array(data) });
      },
    }),
  );
  return Promise.resolve({ ...source, frames, info: source.info });
}

function timedFrames(): TimedFrames {
  const times = new FrameTimes(timesOf(CLIP));
  return new TimedFrames({ open, times: () => times });
}

/** Which frame of the clip a picture shows, or one that shows the same. */
const placeOf = (shown: Picture | undefined) =>
  shown && SHIFTS[pictures.findIndex(({ data }) => data.every((value, k) => value === shown.data[k]))];

/** What a job knows of a frame. */
const knowledge = (judged: TimedFrame["judged"]) => ({
  strength: [...judged?.strength.values ?? []],
  previous: placeOf(judged?.neighbours.previous),
  next: placeOf(judged?.neighbours.next),
});

/** What a job that reads a part of the clip knows of each of its frames, by their numbers. */
async function jobKnowledge(range: FakeRange = {}) {
  const source = await open(range);
  const known = new Map<number, ReturnType<typeof knowledge>>();
  const judge = judgeFrames({ ...judgeOptionsFor(source.info), neighbours: true });
  for await (const { frame, release, ...judged } of source.frames.pipeThrough(judge)) {
    known.set(TIMES.indexOf(Number(frame.pts)), knowledge(judged));
    release();
  }
  return known;
}

Deno.test("TimedFrames: wherever one seeks to, a frame is judged as a job judges it that reads all of it", async () => {
  const expected = await jobKnowledge();
  await using frames = timedFrames();
  for (const index of [12, 3, 26, 0, 8, 9, 24, 13, 1, 25, 18, 17, 2]) {
    const timed = await frames.seek((TIMES[index] ?? 0) / 25);
    assert.deepEqual([timed?.index, timed?.isEstimated], [index, false]);
    assert.deepEqual(knowledge(timed?.judged), expected.get(index), `frame ${index}`);
    timed?.release();
  }
});

Deno.test("TimedFrames: inside a range a frame is judged as by a job that reads that range alone", async () => {
  const [start, end] = [(TIMES[4] ?? 0) / 25, (TIMES[17] ?? 0) / 25];
  const expected = await jobKnowledge({ start, duration: end - start });
  assert.deepEqual([...expected.keys()], Array.from({ length: 13 }, (_, i) => i + 4));
  await using frames = timedFrames();
  frames.range = { start, end };
  for (const index of [4, 16, 9, 5, 12]) {
    const timed = await frames.seek((TIMES[index] ?? 0) / 25);
    assert.equal(timed?.index, index);
    assert.deepEqual(knowledge(timed?.judged), expected.get(index), `frame ${index}`);
    timed?.release();
  }
  await frames.seek(start);
  let count = 1;
  for (let timed = await frames.read(); timed !== undefined; timed = await frames.read()) {
    timed.release();
    count++;
  }
  assert.equal(count, 13, "it ends where the range ends");
});

Deno.test("TimedFrames numbers frames of uneven times exactly once their times are known, and says so before", async () => {
  let known: FrameTimes | undefined = undefined;
  await using frames = new TimedFrames({ open, times: () => known });
  const at = (TIMES[20] ?? 0) / 25;
  const estimated = await frames.seek(at);
  assert.deepEqual([estimated?.index, estimated?.isEstimated], [24, true]);
  known = new FrameTimes(timesOf(CLIP));
  const exact = await frames.seek(at);
  assert.deepEqual([exact?.index, exact?.isEstimated], [20, false]);
});

Deno.test("TimedFrames: neighbours stay readable as long as somebody looks at the frame", async () => {
  await using frames = timedFrames();
  const timed = await frames.seek((TIMES[11] ?? 0) / 25);
  const next = timed?.judged?.neighbours.next;
  timed?.retain();
  timed?.release();
  assert.equal(next?.data.buffer.detached, false);
  for (let i = 0; i < 8; i++) (await frames.read())?.release();
  assert.equal(next?.data.buffer.detached, false, "others that share them are gone, this one is not");
  timed?.release();
  assert.equal(next?.data.buffer.detached, true);
});
