import assert from "node:assert/strict";
import { copyOfRegion } from "../../src/crop_picture.ts";
import type { Picture } from "../../src/frame.ts";
import { FLOW_CELL } from "../../src/model/network/config.ts";
import { type BlockFlow, blockFlow, CELL, cropFlow, flowPyramid } from "../../src/motion/block_flow.ts";
import { renderClouds } from "../helpers/clouds.ts";
import { plainFlow } from "../helpers/plain_motion.ts";
import { seededRandom } from "../helpers/random_weights.ts";
import { renderScene } from "../helpers/smooth_scene.ts";

const flowBetween = (from: Picture, to: Picture) => blockFlow(flowPyramid(from), flowPyramid(to));

/** Noise over blocks of 8 pixels, of which no part looks like another, and a part of it. */
function textured(width: number, height: number, x: number, y: number): Picture {
  const side = 640;
  const random = seededRandom(4);
  const blocks = Array.from({ length: (side / 8) ** 2 }, () => 255 * random());
  const data = new Uint8Array(3 * side * side).map((_, i) => {
    const [px, py] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return blocks[Math.floor(py / 8) * side / 8 + Math.floor(px / 8)] ?? 0;
  });
  return copyOfRegion({ data, width: side, height: side }, { x: 128 + x, y: 128 + y, width, height });
}

/** Vectors of the cells that are not within `margin` cells of an edge. */
function innerVectors({ columns, rows, vectors }: BlockFlow, margin: number): [number, number][] {
  return Array.from({ length: columns * rows }, (_, cell) => cell)
    .filter((cell) => {
      const [x, y] = [cell % columns, Math.floor(cell / columns)];
      return Math.min(x, y, columns - 1 - x, rows - 1 - y) >= margin;
    })
    .map((cell) => [vectors[2 * cell] ?? NaN, vectors[2 * cell + 1] ?? NaN]);
}

function deep(picture: Picture): Picture {
  return { ...picture, data: Uint16Array.from(picture.data, (value) => 257 * value) };
}

Deno.test("blockFlow: cells are those that networks take", () => assert.equal(CELL, FLOW_CELL));

Deno.test("blockFlow: what moved by whole samples is found exactly, up to 48 pixels in any direction", () => {
  const still = textured(320, 256, 0, 0);
  for (const [x, y] of [[0, 0], [4, 0], [0, -8], [-12, 20], [40, -36], [-48, 48], [48, 4]] as const) {
    const flow = flowBetween(still, textured(320, 256, -x, -y));
    assert.deepEqual([flow.columns, flow.rows], [20, 16]);
    assert.deepEqual(new Set(innerVectors(flow, 4).map(String)), new Set([`${x},${y}`]));
  }
});

Deno.test("blockFlow: what moved by parts of a sample is found to two thirds of a pixel, on average to a quarter", () => {
  const size = { width: 320, height: 256 };
  const still = renderClouds(size);
  for (const [x, y] of [[1, 0], [0.5, -2], [-3, 5.5], [17, -9], [-30.25, 6.75]] as const) {
    const errors = innerVectors(flowBetween(still, renderClouds({ ...size, x, y })), 4).map(([dx, dy]) =>
      Math.hypot(dx - x, dy - y)
    );
    const mean = errors.reduce((sum, error) => sum + error) / errors.length;
    assert.ok(
      mean < 0.25 && Math.max(...errors) < 0.67,
      `${mean}, at most ${Math.max(...errors)} for ${x}, ${y}`,
    );
  }
});

Deno.test("blockFlow: the numbers of the plain way to say it, of any size and depth, noisy, unrelated and even ones", () => {
  const pairs: [Picture, Picture][] = [
    [renderScene({ width: 101, height: 75 }), renderScene({ width: 101, height: 75, dx: 9, dy: -4 })],
    [
      renderScene({ width: 64, height: 50, noise: 9 }),
      renderScene({ width: 64, height: 50, noise: 9, seed: 2 }),
    ],
    [textured(83, 33, 0, 0), textured(83, 33, 90, 50)],
    [textured(9, 130, 0, 0), textured(9, 130, 3, 21)],
    [textured(8, 8, 0, 0), textured(8, 8, 3, 2)],
  ];
  for (const [from, to] of pairs.flatMap(([a, b]) => [[a, b], [deep(a), deep(b)]] as const)) {
    const plain = plainFlow(from, to);
    const { vectors } = flowBetween(from, to);
    assert.equal(vectors.length, plain.length);
    vectors.forEach((value, i) =>
      assert.ok(Math.abs(value - (plain[i] ?? NaN)) < 1e-4, `${value}, ${plain[i]}`)
    );
  }
});

Deno.test("blockFlow: pictures of 16 bits move as those of 8 do, whatever the lower bits are", () => {
  const [from, to] = [
    renderScene({ width: 160, height: 96 }),
    renderScene({ width: 160, height: 96, dx: 7 }),
  ];
  const flow = flowBetween(from, to);
  assert.deepEqual(flowBetween(deep(from), deep(to)), flow);
  const noisy = {
    ...deep(to),
    data: deep(to).data.map((value, i) => Math.max(0, value - i % 40)),
  } as Picture;
  const errors = [...flowBetween(deep(from), noisy).vectors].map((value, i) =>
    Math.abs(value - (flow.vectors[i] ?? NaN))
  );
  const mean = errors.reduce((sum, error) => sum + error) / errors.length;
  assert.ok(mean < 0.1, `${mean}`);
});

Deno.test("blockFlow: an even or a tiny picture stands still, of any size; nothing is ever NaN", () => {
  for (const [width, height] of [[1, 1], [7, 40], [40, 7], [8, 8], [17, 33], [161, 3]] as const) {
    const even = (value: number): Picture => ({
      data: new Uint8Array(3 * width * height).fill(value),
      width,
      height,
    });
    for (const other of [even(9), even(255)]) {
      const { columns, rows, vectors } = flowBetween(even(9), other);
      assert.deepEqual([columns, rows], [Math.ceil(width / 16), Math.ceil(height / 16)]);
      assert.deepEqual(vectors, new Float32Array(2 * columns * rows));
    }
  }
});

Deno.test("blockFlow: pictures of two sizes have no flow", () => {
  const [one, other] = [textured(64, 48, 0, 0), textured(64, 64, 8, 0)];
  assert.deepEqual(flowBetween(one, other).vectors, new Float32Array(2 * 4 * 3));
});

Deno.test("cropFlow: cells of a part, mirrored beyond the edges as often as it takes", () => {
  const vectors = Float32Array.from({ length: 12 }, (_, i) => i); // 3 x 2 cells
  const flow = { columns: 3, rows: 2, vectors };
  const part = cropFlow(flow, { x: 1, y: 0, width: 2, height: 1 });
  assert.deepEqual(part, { columns: 2, rows: 1, vectors: Float32Array.of(2, 3, 4, 5) });
  const larger = cropFlow(flow, { x: 0, y: 0, width: 7, height: 3 });
  const row = (first: number) =>
    [0, 1, 2, 2, 1, 0, 0].flatMap((cell) => [first + 2 * cell, first + 2 * cell + 1]);
  assert.deepEqual([...larger.vectors], [...row(0), ...row(6), ...row(6)]);
});
