import assert from "node:assert/strict";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { makeSample } from "../../../src/train/batch/make_sample.ts";
import type { SequencePair } from "../../../src/train/data/sequence_pairs.ts";
import type { Sample, SampleNeighbour } from "../../../src/train/batch/sample.ts";
import type { TrainConfig } from "../../../src/train/config.ts";
import { meanDifference, noiseScene } from "../../helpers/noise_scene.ts";
import { flat } from "../../helpers/pair_folder.ts";
import { PLAIN_CROPS, TINY } from "../../helpers/tiny_training.ts";

const SIDE = 48;
const [WIDTH, HEIGHT] = [140, 120];
/** How far the camera goes from frame to frame, to the right and down, pixels. */
const STEP = [6, -3] as const;
const SCENE = noiseScene(WIDTH + 40, HEIGHT + 40);
const config: TrainConfig = { ...TINY, ...PLAIN_CROPS, network: { ...TINY.network, frames: 3 } };

/** What a camera sees that has moved so many frames' way over the scene. */
function view(frame: number): Picture {
  const [x, y] = [20 + frame * STEP[0], 20 + frame * STEP[1]];
  return cropPicture(SCENE, { x, y, width: WIDTH, height: HEIGHT });
}

function darker(picture: Picture, by: number): Picture {
  return { ...picture, data: picture.data.map((value) => value - by) as Uint8Array<ArrayBuffer> };
}

/** A frame of a sequence: the blurry picture `by` darker than the sharp one. */
function frame(number: number, by = 5) {
  return () => Promise.resolve({ blurry: darker(view(number), by), sharp: view(number) });
}

function make(pair: SequencePair, changes: Partial<TrainConfig> = {}, index = 0): Promise<Sample> {
  const from = { sequences: [[pair]], photos: [] };
  return makeSample(from, { ...config, ...changes }, { side: SIDE, seed: 1, index });
}

const INNER: SequencePair = { read: frame(0), previous: frame(-1), next: frame(1) };

function both({ neighbours }: Sample): [SampleNeighbour, SampleNeighbour] {
  const [previous, next, ...more] = neighbours;
  if (previous === undefined || next === undefined || more.length > 0) {
    assert.fail("there are two neighbours");
  }
  return [previous, next];
}

/** Mean of a flow's vectors. */
function meanFlow({ flow }: SampleNeighbour): [number, number] {
  const mean = (component: number) => {
    const values = flow.filter((_, i) => i % 2 === component);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return [mean(0), mean(1)];
}

Deno.test("makeSample aligns the previous and the next frame to the sample, up to its edges, and gives their flow", async () => {
  for (let index = 0; index < 10; index++) {
    const sample = await make(INNER, {}, index);
    for (const [i, neighbour] of both(sample).entries()) {
      assert.deepEqual([neighbour.moved.length, neighbour.flow.length], [
        3 * SIDE ** 2,
        2 * (SIDE / 16) ** 2,
      ]);
      // What the camera passed lies behind in the next frame.
      const way = i === 0 ? 1 : -1;
      const [x, y] = meanFlow(neighbour);
      assert.ok(Math.hypot(x - way * STEP[0], y - way * STEP[1]) < 1, `${index}: ${x}, ${y}`);
      const difference = meanDifference(neighbour.moved, sample.blurry);
      assert.ok(difference < 3, `${index}: ${difference}`); // unmoved it is more than 10
    }
  }
  const unmoved = meanDifference(view(0).data, view(1).data);
  assert.ok(unmoved > 10, `${unmoved}`);
});

Deno.test("makeSample leaves out neighbours that are not there, and those of another size", async () => {
  const kinds: readonly (readonly [SequencePair, readonly [boolean, boolean]])[] = [
    [INNER, [true, true]],
    [{ read: frame(0), previous: frame(-1) }, [true, false]],
    [{ read: frame(0), next: frame(1) }, [false, true]],
    [{ read: frame(0) }, [false, false]],
    [{
      ...INNER,
      next: () => Promise.resolve({ blurry: flat(9, 150, 120), sharp: flat(9, 150, 120) }),
    }, [true, false]],
  ];
  for (const [pair, there] of kinds) {
    const { neighbours } = await make(pair);
    assert.deepEqual(neighbours.map((neighbour) => neighbour !== undefined), there);
  }
});

Deno.test("makeSample does not look at neighbours for a network of one frame", async () => {
  const fail = () => assert.fail("it is read");
  const { neighbours } = await make({ read: frame(0), previous: fail, next: fail }, {
    network: TINY.network,
  });
  assert.deepEqual(neighbours, []);
});

Deno.test("makeSample given a sharp sample gives it sharp neighbours", async () => {
  const pair: SequencePair = { read: frame(0, 60), previous: frame(-1, 60), next: frame(1, 60) };
  const sample = await make(pair, { unblurredShare: 1 });
  assert.deepEqual(sample.blurry, sample.sharp);
  for (const { moved } of both(sample)) assert.ok(meanDifference(moved, sample.sharp) < 3);
  const blurry = await make(pair, { unblurredShare: 0 });
  for (const { moved } of both(blurry)) {
    assert.ok(meanDifference(moved, blurry.blurry) < 3 && meanDifference(moved, blurry.sharp) > 50);
  }
});

Deno.test("makeSample compresses and softens a sharp sample as its target, if at all", async () => {
  const photos = { sequences: [], photos: [() => Promise.resolve(SCENE)] };
  const pairs = { sequences: [[INNER]], photos: [] };
  for (const from of [pairs, photos]) {
    for (let index = 0; index < 5; index++) {
      const sharp = { ...config, unblurredShare: 1, softShare: 0.5, compressedShare: 1 };
      const sample = await makeSample(from, sharp, { side: SIDE, seed: 1, index });
      assert.deepEqual(sample.blurry, sample.sharp);
    }
  }
});

for (
  const [what, changes] of [
    ["turned", { turnedShare: 1 }],
    ["reduced", { reducedShare: 1 }],
    ["softened", { softShare: 1 }],
    ["compressed", { compressedShare: 1 }],
  ] as const
) {
  Deno.test(`makeSample cuts neighbours out as it does the sample: ${what}`, async () => {
    let changed = 0;
    for (let index = 0; index < 10; index++) {
      const [plain, sample] = [await make(INNER, {}, index), await make(INNER, changes, index)];
      if (meanDifference(plain.blurry, sample.blurry) > 0) changed++;
      for (const { moved } of both(sample)) {
        const difference = meanDifference(moved, sample.blurry);
        assert.ok(difference < 8, `${index}: ${difference}`); // another place differs by 25
      }
      const brighter = meanDifference(sample.sharp, sample.blurry);
      assert.ok(Math.abs(brighter - 5) < 3, "the same place of the sharp picture");
    }
    assert.ok(changed >= 5, `${changed} of 10`);
  });
}

Deno.test("makeSample of a photo gives three exposures of one path, moved onto each other", async () => {
  const from = { sequences: [], photos: [() => Promise.resolve(SCENE)] };
  const still = { ...config, unblurredShare: 1, cameraSpeed: 6 };
  const ways: number[] = [];
  for (let index = 0; index < 12; index++) {
    const sample = await makeSample(from, still, { side: SIDE, seed: 1, index });
    const [previous, next] = both(sample);
    const [before, after] = [meanFlow(previous), meanFlow(next)];
    const way = Math.hypot(...before);
    ways.push(way);
    // An object that moves on its own is in one of three.
    for (const { moved } of [previous, next]) assert.ok(meanDifference(moved, sample.blurry) < 12);
    const turn = before[0] * after[0] + before[1] * after[1];
    assert.ok(way < 4 || turn < 0, `there and on, not there and back: ${before} and ${after}`);
  }
  const mean = ways.reduce((sum, way) => sum + way, 0) / ways.length;
  assert.ok(mean > 3 && mean < 12, `pixels a frame: ${mean}`);
});

Deno.test("makeSample cuts samples out of photos and pairs that are hardly larger than the sample", async () => {
  const small = noiseScene(SIDE, SIDE + 1);
  const read = () => Promise.resolve({ blurry: small, sharp: small });
  const pairs = { sequences: [[{ read, previous: read, next: read }]], photos: [] };
  const photos = { sequences: [], photos: [() => Promise.resolve(small)] };
  for (const from of [pairs, photos]) {
    for (let index = 0; index < 5; index++) {
      const sample = await makeSample(from, { ...config, turnedShare: 0.5 }, { side: SIDE, seed: 1, index });
      for (const { moved, flow } of both(sample)) {
        assert.equal(moved.length, 3 * SIDE ** 2);
        assert.ok(flow.every(Number.isFinite));
      }
    }
  }
});
