import assert from "node:assert/strict";
import type { Picture } from "../../src/frame.ts";
import { blockFlow, flowPyramid } from "../../src/motion/block_flow.ts";
import {
  blockDifference,
  type Blocks,
  type ChangedPicture,
  changedPicture,
  fuseNeighbours,
} from "../../src/motion/fuse_neighbours.ts";
import { moveOnto } from "../../src/motion/move_onto.ts";
import { renderClouds } from "../helpers/clouds.ts";
import { meanDifference, noiseScene } from "../helpers/noise_scene.ts";
import { seededRandom } from "../helpers/random_weights.ts";

const SIZES = [[1, 1], [7, 5], [8, 8], [33, 20], [97, 64]] as const;

function noise(width: number, height: number, depth: 8 | 16, seed: number): Picture {
  const random = seededRandom(seed);
  const samples = depth === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  return { data: samples.map(() => 2 ** depth * random()), width, height };
}

/** With an error of its own at each sample, of `amount` grey levels at most. */
function withErrors({ data, ...size }: Picture, amount: number, seed: number): Picture {
  const random = seededRandom(seed);
  return { ...size, data: Uint8Array.from(data, (value) => value + amount * (2 * random() - 1) + 0.5) };
}

function allChanged({ width, height }: Picture, change: number): Blocks {
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  return { columns, rows, values: new Float32Array(columns * rows).fill(change) };
}

function changed(picture: Picture, change: number): ChangedPicture {
  return changedPicture(picture, allChanged(picture, change));
}

/** Value of block (column, row), those at the edges repeated. */
function block({ columns, rows, values }: Blocks, column: number, row: number): number {
  const [x, y] = [Math.max(0, Math.min(columns - 1, column)), Math.max(0, Math.min(rows - 1, row))];
  return values[y * columns + x] ?? NaN;
}

/** Values of the blocks up to `reach` away. */
function square(blocks: Blocks, x: number, y: number, reach: number): number[] {
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return steps.flatMap((dy) => steps.map((dx) => block(blocks, x + dx, y + dy)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value) / values.length;
}

/** `fuseNeighbours`, block by block and pixel by pixel. */
function plainFusion({ picture, change }: ChangedPicture, neighbours: readonly ChangedPicture[]): number[] {
  const { width, data } = picture;
  const parts = neighbours.map((neighbour) => {
    const moved = moveOnto(
      neighbour.picture,
      blockFlow(flowPyramid(picture), flowPyramid(neighbour.picture)),
    );
    const difference = blockDifference(picture, moved);
    const weights = { ...change, values: new Float32Array(change.values.length) };
    for (let i = 0; i < change.values.length; i++) {
      const [x, y] = [i % change.columns, Math.floor(i / change.columns)];
      const around = square(change, x, y, 1);
      const fits = Math.exp(-(((difference.values[i] ?? NaN) / (1.5 * meanOf(around))) ** 2) / 2);
      const blur = (blocks: Blocks) => meanOf(square(blocks, x, y, 3)) + 0.5;
      const preference = Math.max(0.5, Math.min(2, Math.sqrt(blur(change) / blur(neighbour.change))));
      weights.values[i] = Math.min(...around) < 0.25 ? 0 : 0.9 * preference * fits;
    }
    return { moved, weights };
  });
  return Array.from(data, (value, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const [u, v] = [(x + 0.5) / 8 - 0.5, (y + 0.5) / 8 - 0.5];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    let [sum, total] = [value, 1];
    for (const { moved, weights } of parts) {
      const upper = mix(block(weights, column, row), block(weights, column + 1, row), u - column);
      const lower = mix(block(weights, column, row + 1), block(weights, column + 1, row + 1), u - column);
      const weight = mix(upper, lower, v - row);
      sum += weight * (moved.data[i] ?? NaN);
      total += weight;
    }
    return sum / total;
  });
}

function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

for (const depth of [8, 16] as const) {
  Deno.test(`blockDifference: means over 8 x 8 pixels and what is left at the edges, in grey levels: ${depth} bits`, () => {
    for (const [width, height] of SIZES) {
      const [one, other] = [noise(width, height, depth, 1), noise(width, height, depth, 2)];
      const { columns, rows, values } = blockDifference(one, other);
      assert.deepEqual([columns, rows], [Math.ceil(width / 8), Math.ceil(height / 8)]);
      const found = new Map<number, number[]>();
      one.data.forEach((value, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
        const cell = Math.floor(y / 8) * columns + Math.floor(x / 8);
        const difference = Math.abs(value - (other.data[i] ?? NaN)) / (depth === 16 ? 257 : 1);
        found.set(cell, [...found.get(cell) ?? [], difference]);
      });
      values.forEach((value, cell) => {
        const all = found.get(cell) ?? [];
        const mean = all.reduce((sum, difference) => sum + difference, 0) / all.length;
        assert.ok(Math.abs(value - mean) < 1e-3, `${width}x${height}, block ${cell}: ${value}, ${mean}`);
      });
    }
  });

  Deno.test(`fuseNeighbours: the numbers of the plain way to say it, of any size, with one neighbour and two: ${depth} bits`, () => {
    const scale = depth === 16 ? 257 : 1;
    for (const [width, height] of SIZES) {
      const scene = noiseScene(width, height);
      const deep = (seed: number) => {
        const { data } = withErrors(scene, 12, seed);
        return { ...scene, data: depth === 16 ? Uint16Array.from(data, (value) => scale * value) : data };
      };
      const random = seededRandom(4);
      const [here, previous, next] = [1, 2, 3].map((seed) => {
        const picture = deep(seed);
        const { columns, rows, values } = allChanged(picture, 0);
        return changedPicture(picture, {
          columns,
          rows,
          values: values.map(() => seed * (1 + 9 * random())),
        });
      }) as [ChangedPicture, ChangedPicture, ChangedPicture];
      for (const neighbours of [[previous], [previous, next]]) {
        const before = here.picture.data.slice();
        const fused = fuseNeighbours(here, neighbours);
        assert.equal(meanDifference(here.picture.data, before), 0);
        assert.equal(fused.data.byteLength, fused.data.buffer.byteLength, "it has a buffer of its own");
        assert.equal(fused.data.constructor, here.picture.data.constructor);
        const plain = plainFusion(here, neighbours);
        fused.data.forEach((value, i) => {
          const difference = Math.abs(value - (plain[i] ?? NaN));
          assert.ok(
            difference <= 0.51 * (depth === 16 ? 2 : 1),
            `${width}x${height}, sample ${i}: off by ${difference}`,
          );
        });
      }
    }
  });
}

Deno.test("fuseNeighbours: errors of frames that differ from frame to frame average out, whatever moves", () => {
  const view = { width: 160, height: 128 };
  const [sharp, before, after] = [{ x: 0, y: 0 }, { x: -9, y: 4 }, { x: 11, y: -3 }]
    .map((place) => renderClouds({ ...view, ...place })) as [Picture, Picture, Picture];
  const restored = withErrors(sharp, 24, 1);
  const fused = fuseNeighbours(
    changed(restored, 12),
    [changed(withErrors(before, 24, 2), 12), changed(withErrors(after, 24, 3), 12)],
  );
  const [was, is] = [restored, fused].map(({ data }) => meanDifference(data, sharp.data));
  assert.ok(was !== undefined && is !== undefined && is < 0.75 * was, `${was} -> ${is} grey levels`);
});

Deno.test("fuseNeighbours: of two neighbours that fit equally well, the one that was blurred less counts more", () => {
  const scene = noiseScene(96, 64);
  const lighter = (by: number) => ({ ...scene, data: Uint8Array.from(scene.data, (value) => value + by) });
  const fused = (before: number, after: number) =>
    fuseNeighbours(changed(scene, 9), [changed(lighter(4), before), changed(lighter(-4), after)]);
  const brightness = ({ data }: Picture) => meanOf([...data]) - meanOf([...scene.data]);
  assert.ok(Math.abs(brightness(fused(9, 9))) < 0.1);
  assert.ok(brightness(fused(3, 27)) > 0.5);
  assert.ok(brightness(fused(27, 3)) < -0.5);
});

Deno.test("fuseNeighbours: another scene changes nothing", () => {
  const size = { width: 160, height: 128 };
  const restored = noiseScene(size.width, size.height);
  const fused = fuseNeighbours(changed(restored, 6), [
    changed(renderClouds(size), 6),
    changed(renderClouds({ ...size, x: 50 }), 6),
  ]);
  assert.equal(meanDifference(fused.data, restored.data), 0);
});

Deno.test("fuseNeighbours: where restoring changed nothing everything stays, beside what it did change too", () => {
  const [width, height] = [160, 96];
  const [restored, other] = [noiseScene(width, height, 1), withErrors(noiseScene(width, height, 1), 12, 2)];
  const nothing = fuseNeighbours(changed(restored, 0), [changed(other, 9), changed(other, 9)]);
  assert.equal(meanDifference(nothing.data, restored.data), 0);
  assert.notEqual(nothing.data.buffer, restored.data.buffer);
  const { columns, rows } = allChanged(restored, 0);
  const values = new Float32Array(columns * rows).map((_, i) => i % columns >= columns / 2 ? 8 : 0);
  const half = fuseNeighbours(changedPicture(restored, { columns, rows, values }), [changed(other, 9)]);
  const isKept = (i: number) => half.data[i] === restored.data[i];
  const inLeft = (i: number) => Math.floor(i / 3) % width < width / 2;
  const samples = [...half.data.keys()];
  assert.ok(samples.filter(inLeft).every(isKept));
  assert.ok(samples.filter((i) => !inLeft(i) && !isKept(i)).length > samples.length / 4);
});

Deno.test("fuseNeighbours: without neighbours a picture is copied", () => {
  const picture = noiseScene(20, 10);
  const fused = fuseNeighbours(changed(picture, 9), []);
  assert.equal(meanDifference(fused.data, picture.data), 0);
  assert.notEqual(fused.data.buffer, picture.data.buffer);
});
