import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { footageExposures } from "../../../src/train/synth/footage_exposures.ts";

/** Frames of a pan; a shot's number makes it bright, its position its stripes. */
async function* footage(
  frames: readonly (readonly [shot: number, position: number])[],
): AsyncGenerator<Picture> {
  for (const [shot, position] of frames) {
    await Promise.resolve();
    const data = Uint8Array.from(
      { length: 24 * 8 * 3 },
      (_, i) => 60 + 100 * shot + 40 * Math.sin((Math.floor(i / 3) % 24 + position) / 3),
    );
    yield { data, width: 24, height: 8 };
  }
}

function recipes(frames: number, gap: number) {
  const averages = [{ folder: "blur", gamma: "none" }] as const;
  return { next: () => ({ recipe: { frames, averages, saturation: 1 }, gap }) };
}

async function indices(frames: readonly (readonly [number, number])[], detect: boolean, gap = 0) {
  const counts = { frames: 0, duplicates: 0, cuts: 0 };
  const exposed: (readonly number[])[] = [];
  for await (const exposure of footageExposures(footage(frames), recipes(3, gap), detect, counts)) {
    exposed.push(exposure.frames);
  }
  return { exposed, ...counts };
}

const PAN = Array.from({ length: 10 }, (_, i) => [0, i] as const);

Deno.test("footageExposures uses successive frames and drops those left over", async () => {
  const { exposed, frames } = await indices(PAN, false);
  assert.deepEqual(exposed, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
  assert.equal(frames, 10);
});

Deno.test("footageExposures leaves a gap after each exposure", async () => {
  assert.deepEqual((await indices(PAN, false, 2)).exposed, [[0, 1, 2], [5, 6, 7]]);
});

Deno.test("footageExposures with detect drops duplicates, and no exposure crosses a cut", async () => {
  const frames = [[0, 0], [0, 1], [0, 2], [0, 2], [0, 3], [0, 4], [0, 5], [1, 0], [1, 1], [1, 2], [
    1,
    3,
  ]] as const;
  const detect = await indices(frames, true);
  // Frame 3 repeats frame 2; frame 6 opens an exposure that the cut at 7 ends.
  assert.deepEqual(detect.exposed, [[0, 1, 2], [4, 5, 6], [7, 8, 9]]);
  assert.deepEqual([detect.duplicates, detect.cuts], [1, 0]);
  const broken = await indices(frames.slice(1), true);
  assert.deepEqual(broken.exposed, [[0, 1, 3], [6, 7, 8]]);
  assert.deepEqual([broken.duplicates, broken.cuts], [1, 1]);
  assert.deepEqual((await indices(frames, false)).exposed, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
});
