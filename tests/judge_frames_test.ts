import assert from "node:assert/strict";
import type { Frame, Picture } from "../src/frame.ts";
import { type JudgedFrame, judgeFrames, type JudgeFramesOptions } from "../src/judge_frames.ts";
import { type CameraView, renderScene } from "./helpers/smooth_scene.ts";
import { memorySource } from "./helpers/memory_media.ts";

const SIZE = { width: 320, height: 192 };

async function judge(pictures: readonly Picture[], options: JudgeFramesOptions = {}): Promise<JudgedFrame[]> {
  const frame = (i: number): Frame | undefined => {
    const picture = pictures[i];
    return picture && { ...picture, pts: BigInt(i), duration: 1n };
  };
  const judged = await Array.fromAsync(memorySource(frame).frames.pipeThrough(judgeFrames(options)));
  assert.deepEqual(judged.map(({ frame }) => frame.pts), pictures.map((_, i) => BigInt(i)));
  return judged;
}

const scenes = (views: readonly CameraView[]) => views.map((view) => renderScene({ ...SIZE, ...view }));
const alongX = (places: readonly number[]) => scenes(places.map((dx) => ({ dx })));

/** "moves" or "still" where that is so everywhere, else the mean strength. */
async function strengths(pictures: readonly Picture[]): Promise<(string | number)[]> {
  return (await judge(pictures)).map(({ strength: { values } }) => {
    if (values.every((value) => value === 0)) return "still";
    return values.every((value) => value === 1)
      ? "moves"
      : values.reduce((sum, value) => sum + value) / values.length;
  });
}

Deno.test("judgeFrames: a pan moves everywhere, a hand's tremor nowhere", async () => {
  assert.deepEqual(await strengths(alongX([0, 12, 24, 36])), Array(4).fill("moves"));
  assert.deepEqual(await strengths(alongX([0, 1, 0, 1.2])), Array(4).fill("still"));
  const noisy = scenes([1, 2, 3].map((seed) => ({ noise: 4, dx: seed % 2, seed })));
  assert.deepEqual(await strengths(noisy), Array(3).fill("still"));
});

Deno.test("judgeFrames: a movement that begins or ends at a frame is not in it; a cut is no movement", async () => {
  assert.deepEqual(await strengths(alongX([0, 1, 0, 12, 24, 36, 37, 36])), [
    ...["still", "still", "still"],
    ...["moves", "moves"],
    ...["still", "still", "still"],
  ]);
  const cut = [...alongX([0, 1, 0]), ...scenes([150, 151, 150].map((dx) => ({ dx, dy: 70 })))];
  assert.deepEqual(await strengths(cut), Array(6).fill("still"));
});

Deno.test("judgeFrames: what moves in a still scene is found, with room around it", async () => {
  const pictures = alongX([0, 1, 0]).map(({ data, ...size }, i) => {
    const moved = renderScene({ ...SIZE, dx: 40 + 10 * i });
    for (let y = 0; y < 64; y++) {
      data.set(moved.data.subarray(3 * y * 320, 3 * (y * 320 + 64)), 3 * y * 320);
    }
    return { data, ...size };
  });
  const { strength: { columns, values } } = (await judge(pictures))[1] as JudgedFrame;
  assert.equal(columns, 10);
  const at = (column: number, row: number) => values[row * columns + column];
  assert.deepEqual([at(0, 0), at(1, 1), at(2, 2)], [1, 1, 1]);
  assert.deepEqual([at(4, 0), at(0, 4), at(9, 5)], [0, 0, 0]);
});

Deno.test("judgeFrames: a frame that is repeated is judged as the first of its repetitions is", async () => {
  assert.deepEqual(await strengths(alongX([0, 12, 12, 12, 24, 24, 36])), Array(7).fill("moves"));
  assert.deepEqual(
    await strengths(alongX([12, 12, 12])),
    Array(3).fill("moves"),
    "nothing says it stands still",
  );
  assert.deepEqual(
    await strengths(alongX([12, 12, 13, 13, 13])),
    Array(5).fill("moves"),
    "nor does one keyframe",
  );
  assert.deepEqual(await strengths(alongX([0, 1, 1, 0, 0, 1])), Array(6).fill("still"));
});

Deno.test("judgeFrames: where nothing can be told everything is restored: a frame alone, tiny ones, another size", async () => {
  assert.deepEqual(await strengths(alongX([0])), ["moves"]);
  const tiny = { data: new Uint8Array(3 * 4 * 2), width: 4, height: 2 };
  assert.deepEqual(await strengths([tiny, tiny, tiny]), Array(3).fill("moves"));
  const other = renderScene({ width: 64, height: 64 });
  assert.deepEqual(await strengths([...alongX([0]), other]), ["moves", "moves"]);
  assert.deepEqual(await judge([]), []);
});

Deno.test("judgeFrames: strengths fade in between still and moving", async () => {
  const [, middle] = await strengths(alongX([0, 2, 4]));
  assert.ok(typeof middle === "number" && middle > 0 && middle < 1, String(middle));
});
