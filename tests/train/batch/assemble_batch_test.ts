import assert from "node:assert/strict";
import { cropPicture } from "../../../src/crop_picture.ts";
import { CELL } from "../../../src/motion/block_flow.ts";
import { moveOnto } from "../../../src/motion/move_onto.ts";
import { assembleBatch, type BatchConfig } from "../../../src/train/batch/assemble_batch.ts";
import type { Batch } from "../../../src/train/batch/batch.ts";
import type { Sample, SampleNeighbour } from "../../../src/train/batch/sample.ts";
import { createRandom } from "../../../src/train/random.ts";
import { meanDifference, noiseScene } from "../../helpers/noise_scene.ts";
import { PLAIN_CROPS, TINY } from "../../helpers/tiny_training.ts";

const CROP = 32;
const SIDE = 64;
const PIXELS = 3 * CROP ** 2;
const alone: BatchConfig = { ...TINY, ...PLAIN_CROPS, batch: 1, crop: CROP };
const video: BatchConfig = { ...alone, network: { ...TINY.network, frames: 3 } };

/** Bytes that say where they are. */
function ramp(less = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 3 * SIDE ** 2 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 10 + 2 * ([pixel % SIDE, Math.floor(pixel / SIDE), 100][i % 3] as number) - less;
  });
}

function neighbour(
  moved: Uint8Array<ArrayBuffer>,
  flow: (cell: number, component: number) => number,
): SampleNeighbour {
  return {
    moved,
    flow: Float32Array.from({ length: 2 * (SIDE / CELL) ** 2 }, (_, i) => flow(i >> 1, i & 1)),
  };
}

/** A thousand batches of one sample each, or fewer. */
function* batches(sample: Sample, config: BatchConfig, count = 1000): Generator<Batch> {
  const random = createRandom("batches");
  for (let i = 0; i < count; i++) yield assembleBatch([sample], config, random);
}

/** Byte of a crop at a place. */
function at(values: Float32Array, x: number, y: number, channel: number): number {
  return 255 * (values[3 * (y * CROP + x) + channel] ?? NaN);
}

/** Where in the ramp a crop's place is. */
function placeOf(values: Float32Array, x: number, y: number): [number, number] {
  return [Math.round((at(values, x, y, 0) - 10) / 2), Math.round((at(values, x, y, 1) - 10) / 2)];
}

/** Which way the crop was turned: where its right and its down lead in the sample. */
function turnOf(values: Float32Array): { right: [number, number]; down: [number, number] } {
  const [[x, y], [rx, ry], [dx, dy]] = [placeOf(values, 0, 0), placeOf(values, 1, 0), placeOf(values, 0, 1)];
  return { right: [rx - x, ry - y], down: [dx - x, dy - y] };
}

function neighbourOf({ neighbours }: Batch, i: number) {
  return neighbours[i] ?? assert.fail("there is a neighbour");
}

Deno.test("assembleBatch depends only on samples, config and random numbers", () => {
  const sample = { side: SIDE, blurry: ramp(), sharp: ramp(4), neighbours: [] };
  const config = { ...alone, colourShare: 0.5 };
  const make = (key: number) => assembleBatch([sample], config, createRandom(key));
  assert.deepEqual(make(1), make(1));
  assert.notDeepEqual(make(1), make(2));
});

Deno.test("assembleBatch puts each sample in its place, as values 0 … 1, without neighbours for one frame", () => {
  const flat = (value: number) => new Uint8Array(3 * SIDE ** 2).fill(value);
  const samples = [[0, 51], [255, 102]].map(([blurry = 0, sharp = 0]) => ({
    side: SIDE,
    blurry: flat(blurry),
    sharp: flat(sharp),
    neighbours: [],
  }));
  const { blurry, sharp, neighbours } = assembleBatch(samples, { ...alone, batch: 2 }, createRandom(1));
  const expected = (a: number, b: number) => {
    const row = new Float32Array(2 * PIXELS).fill(a);
    return row.fill(b, PIXELS);
  };
  assert.deepEqual([blurry, sharp, neighbours], [expected(0, 1), expected(0.2, 0.4), []]);
});

Deno.test("assembleBatch cuts out every place of a sample, in all eight ways, of both pictures alike", () => {
  const sample = { side: SIDE, blurry: ramp(), sharp: ramp(4), neighbours: [] };
  const [ways, lefts, tops] = [new Set<string>(), new Set<number>(), new Set<number>()];
  for (const { blurry, sharp } of batches(sample, alone)) {
    assert.ok(blurry.every((value, i) => Math.abs(255 * (value - (sharp[i] ?? NaN)) - 4) < 1e-3));
    const { right, down } = turnOf(blurry);
    assert.equal(Math.abs(right[0] * down[1] - right[1] * down[0]), 1, `${right} and ${down}`);
    const last = CROP - 1;
    assert.deepEqual(
      placeOf(blurry, last, 0),
      placeOf(blurry, 0, 0).map((from, i) => from + last * (right[i] ?? NaN)),
    );
    ways.add(`${right} ${down}`);
    const corners = [[0, 0], [last, last]].map(([x = 0, y = 0]) => placeOf(blurry, x, y));
    lefts.add(Math.min(...corners.map(([x]) => x)));
    tops.add(Math.min(...corners.map(([, y]) => y)));
  }
  assert.equal(ways.size, 8);
  for (const places of [lefts, tops]) {
    assert.deepEqual([Math.min(...places), Math.max(...places), places.size], [
      0,
      SIDE - CROP,
      SIDE - CROP + 1,
    ]);
  }
});

Deno.test("assembleBatch turns the vectors of motion along with the pixels, and each keeps its cell", () => {
  // The vectors say which cell they are of: to the right 100 and the column, down 200 and the row.
  const cell = (index: number, component: number) =>
    component === 0 ? 100 + index % (SIDE / CELL) : 200 + Math.floor(index / (SIDE / CELL));
  const near = neighbour(ramp(), cell);
  const sample = { side: SIDE, blurry: ramp(), sharp: ramp(), neighbours: [near, near] };
  const ways = new Set<string>();
  for (const batch of batches(sample, video, 300)) {
    const { right, down } = turnOf(batch.blurry);
    ways.add(`${right} ${down}`);
    for (const { moved, flow } of batch.neighbours) {
      assert.deepEqual(moved, batch.blurry);
      for (let y = 0, i = 0; y < CROP / CELL; y++) {
        for (let x = 0; x < CROP / CELL; x++, i += 2) {
          const [column, row] = placeOf(moved, CELL * x + 5, CELL * y + 9).map((place) =>
            Math.floor(place / CELL)
          );
          const vector = [100 + (column ?? NaN), 200 + (row ?? NaN)];
          const along = (way: readonly number[]) =>
            (vector[0] ?? NaN) * (way[0] ?? NaN) + (vector[1] ?? NaN) * (way[1] ?? NaN);
          assert.deepEqual([...flow.subarray(i, i + 2)], [along(right), along(down)]);
        }
      }
    }
  }
  assert.equal(ways.size, 8);
});

Deno.test("assembleBatch: moving by the turned motion still explains the turned neighbour", () => {
  const [dx, dy] = [5, -8];
  const scene = noiseScene(SIDE + 40, SIDE + 40);
  const view = (x: number, y: number) => {
    const { data } = cropPicture(scene, { x: 20 + x, y: 20 + y, width: SIDE, height: SIDE });
    return new Uint8Array(data);
  };
  // Not moved yet: content that the sample has at (x, y) lies in the neighbour at (x + dx, y + dy).
  const near = neighbour(view(-dx, -dy), (_, component) => component === 0 ? dx : dy);
  const sample = { side: SIDE, blurry: view(0, 0), sharp: view(0, 0), neighbours: [near, near] };
  const picture = (values: Float32Array) => ({
    data: Uint8Array.from(values, (value) => Math.round(255 * value)),
    width: CROP,
    height: CROP,
  });
  const inner = { x: 8, y: 8, width: CROP - 16, height: CROP - 16 };
  for (const batch of batches(sample, video, 40)) {
    const { moved, flow } = neighbourOf(batch, 0);
    const vectors = Float32Array.from(flow);
    const onto = moveOnto(picture(moved), { columns: CROP / CELL, rows: CROP / CELL, vectors });
    const blurry = cropPicture(picture(batch.blurry), inner).data;
    assert.ok(meanDifference(cropPicture(onto, inner).data, blurry) < 0.5);
    assert.ok(meanDifference(cropPicture(picture(moved), inner).data, blurry) > 8, "unmoved it does not fit");
  }
});

Deno.test("assembleBatch reverses time in half of the crops", () => {
  const marked = (value: number) => neighbour(new Uint8Array(3 * SIDE ** 2).fill(value), () => value);
  const neighbours = [marked(50), marked(100)];
  const sample = { side: SIDE, blurry: ramp(), sharp: ramp(), neighbours };
  let back = 0;
  for (const batch of batches(sample, video)) {
    const [before, after] = [0, 1].map((i) => {
      const { moved, flow } = neighbourOf(batch, i);
      const value = Math.round(255 * (moved[0] ?? NaN));
      assert.ok(flow.every((component) => Math.abs(component) === value));
      return value;
    });
    if (before === 100) back++;
    assert.deepEqual([before, after], before === 100 ? [100, 50] : [50, 100]);
  }
  assert.ok(back > 440 && back < 560, `${back} of 1000`);
});

Deno.test("assembleBatch makes missing neighbours the blurry crop, without motion: in missingShare, and where the sample has none", () => {
  const marked = neighbour(new Uint8Array(3 * SIDE ** 2).fill(7), () => 9);
  const missing = (batch: Batch) =>
    batch.neighbours.map(({ moved, flow }) => {
      const isMissing = moved.every((value, i) => value === batch.blurry[i]);
      assert.ok(flow.every((component) => Math.abs(component) === (isMissing ? 0 : 9)));
      return isMissing ? "-" : "x";
    }).join("");
  const count = (neighbours: Sample["neighbours"], missingShare: number) => {
    const counts: Record<string, number> = { "xx": 0, "-x": 0, "x-": 0, "--": 0 };
    const sample = { side: SIDE, blurry: ramp(), sharp: ramp(), neighbours };
    for (const batch of batches(sample, { ...video, missingShare })) {
      const kind = missing(batch);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  };
  const near = (counts: Record<string, number>, expected: Record<string, number>) => {
    for (const [kind, share] of Object.entries(expected)) {
      assert.ok(Math.abs((counts[kind] ?? 0) / 1000 - share) < 0.05, `${kind}: ${counts[kind]}`);
    }
  };
  near(count([marked, marked], 0), { "xx": 1 });
  near(count([marked, marked], 0.5), { "xx": 0.5, "-x": 0.2, "x-": 0.2, "--": 0.1 });
  near(count([marked, marked], 1), { "-x": 0.4, "x-": 0.4, "--": 0.2 });
  near(count([marked, undefined], 0), { "x-": 0.5, "-x": 0.5 });
  near(count([undefined, undefined], 0), { "--": 1 });
});

Deno.test("assembleBatch gives colourShare of the crops other colours, all pictures of a crop alike", () => {
  const near = neighbour(ramp(), () => 1);
  const sample = { side: SIDE, blurry: ramp(), sharp: ramp(), neighbours: [near, near] };
  const recoloured = (colourShare: number) => {
    let count = 0;
    for (const batch of batches(sample, { ...video, colourShare }, 200)) {
      for (const other of [batch.sharp, neighbourOf(batch, 0).moved, neighbourOf(batch, 1).moved]) {
        assert.deepEqual(other, batch.blurry);
      }
      if (Math.abs(at(batch.blurry, 0, 0, 2) - 210) > 0.5) count++;
    }
    return count / 200;
  };
  assert.equal(recoloured(0), 0);
  assert.ok(recoloured(1) > 0.97);
  const some = recoloured(0.4);
  assert.ok(Math.abs(some - 0.4) < 0.1, `${some}`);
});

Deno.test("assembleBatch takes a sample that is no larger than the crop", () => {
  const whole = { ...alone, crop: SIDE };
  const { blurry } = assembleBatch(
    [{ side: SIDE, blurry: ramp(), sharp: ramp(), neighbours: [] }],
    whole,
    createRandom(3),
  );
  assert.deepEqual(
    Float32Array.from(blurry).sort(),
    Float32Array.from(ramp(), (value) => value / 255).sort(),
  );
});
