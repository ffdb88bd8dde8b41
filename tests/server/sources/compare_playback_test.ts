import assert from "node:assert/strict";
import { ComparePlayback } from "../../../src/server/sources/compare_playback.ts";
import { FrameTimes } from "../../../src/server/sources/frame_times.ts";
import {
  blurRows,
  type FakeClip,
  type FakeRange,
  fakeSource,
  sharpFrame,
  timesOf,
} from "../../helpers/preview/fake_media.ts";
import { SETTINGS } from "../../helpers/preview/fake_server.ts";

const CLIP: FakeClip = { width: 32, height: 20, frames: 40, frameRate: 25 };
const END = { outcome: "done", message: "Saved as clip.deblurred.mp4" } as const;

function fileOf(clip: FakeClip) {
  const open = (range: FakeRange) => Promise.resolve(fakeSource(clip, range));
  return { open, times: new FrameTimes(timesOf(clip)) };
}

const frameOf = (clip: FakeClip, index: number) => blurRows(sharpFrame(clip, index), clip.width);

function compare(
  input: FakeClip,
  output: FakeClip,
  result: Partial<
    {
      range: { start: number; end: number } | null;
      crop: { x: number; y: number; width: number; height: number } | null;
    }
  > = {},
) {
  return ComparePlayback.open({
    entry: { id: "job-1", name: "clip.mp4" },
    input: fileOf(input),
    output: fileOf(output),
    result: { range: null, crop: null, ...result },
    end: END,
    onState: () => undefined,
  });
}

Deno.test("ComparePlayback shows the frame of the result that was made of each frame of the input", async () => {
  await using playback = await compare(CLIP, CLIP);
  assert.deepEqual([playback.description.canTune, playback.end], [false, END]);
  for (const index of [0, 7, 8, 39, 3]) {
    playback.seek(index / 25);
    const { pictures: [blurry, result], index: shown } = await playback.next(() => SETTINGS);
    assert.equal(shown, index);
    for (const part of [blurry, result]) assert.deepEqual(part?.picture.data, frameOf(CLIP, index));
  }
  playback.step(1);
  assert.equal((await playback.next(() => SETTINGS)).index, 4);
});

Deno.test("ComparePlayback begins and ends with the part that was restored", async () => {
  const range = { start: 10 / 25, end: 20 / 25 };
  const output = { ...CLIP, frames: 10 };
  await using playback = await compare(CLIP, output, { range });
  for (const [seconds, index] of [[0, 10], [10 / 25, 10], [15 / 25, 15], [1.5, 19]] as const) {
    playback.seek(seconds);
    const { pictures: [blurry, result], index: shown } = await playback.next(() => SETTINGS);
    assert.equal(shown, index, `${seconds} s`);
    assert.deepEqual(blurry?.picture.data, frameOf(CLIP, index));
    assert.deepEqual(result?.picture.data, frameOf(CLIP, index - 10));
  }
});

Deno.test("ComparePlayback cuts the input as the result was cut, and shows a part of both", async () => {
  const crop = { x: 8, y: 4, width: 16, height: 12 };
  await using playback = await compare(CLIP, { ...CLIP, width: 16, height: 12 }, { crop });
  assert.deepEqual([playback.description.width, playback.description.height], [16, 12]);
  const region = { x: 2, y: 3, width: 5, height: 4 };
  const { pictures, ...frame } = await playback.next(() => ({ ...SETTINGS, region }));
  assert.deepEqual([frame.width, frame.height, frame.region], [16, 12, region]);
  for (const { picture } of pictures) assert.deepEqual([picture.width, picture.height], [5, 4]);
  const still = await playback.still({ ...SETTINGS, region });
  assert.deepEqual(still?.region, { x: 0, y: 0, width: 16, height: 12 });
});

Deno.test("ComparePlayback: a file that is not there any more is an error", async () => {
  const gone = { open: () => Promise.reject(new Error("clip.mp4: it is gone")), times: undefined };
  const rest = {
    entry: { id: "a", name: "a" },
    result: { range: null, crop: null },
    end: END,
    onState: () => undefined,
  };
  await assert.rejects(ComparePlayback.open({ ...rest, input: gone, output: fileOf(CLIP) }), /it is gone/);
  await assert.rejects(ComparePlayback.open({ ...rest, input: fileOf(CLIP), output: gone }), /it is gone/);
});
