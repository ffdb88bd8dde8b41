import assert from "node:assert/strict";
import { cropPicture } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import {
  cropInput,
  type NetworkInput,
  noNeighbour,
  padInput,
} from "../../../src/model/restore/network_input.ts";
import { padPicture } from "../../../src/model/restore/pad_picture.ts";

function numbered(width: number, height: number, step: number): Picture {
  return { data: Uint8Array.from({ length: 3 * width * height }, (_, i) => i * step), width, height };
}

function inputOf(width: number, height: number): NetworkInput {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  const vectors = Float32Array.from({ length: 2 * columns * rows }, (_, i) => i);
  const neighbours = [5, 11].map((step) => ({
    moved: numbered(width, height, step),
    flow: { columns, rows, vectors: vectors.map((value) => step * value) },
  }));
  return { picture: numbered(width, height, 3), neighbours };
}

Deno.test("padInput: neighbours are padded as the picture is, and their flow is mirrored by whole cells", () => {
  const input = inputOf(40, 20); // 3 x 2 cells
  const { picture, neighbours: [previous, next] } = padInput(input, 64);
  assert.deepEqual(picture, padPicture(input.picture, 64));
  assert.deepEqual(previous?.moved, padPicture(numbered(40, 20, 5), 64));
  assert.deepEqual(next?.moved, padPicture(numbered(40, 20, 11), 64));
  assert.deepEqual([previous.flow.columns, previous.flow.rows], [4, 4]);
  const cells = [0, 1, 2, 2, 3, 4, 5, 5, 3, 4, 5, 5, 0, 1, 2, 2];
  assert.deepEqual([...previous.flow.vectors], cells.flatMap((cell) => [10 * cell, 10 * cell + 5]));
});

Deno.test("padInput: one pixel becomes a whole input, without motion where its neighbours are missing", () => {
  const picture = numbered(1, 1, 90);
  const missing = noNeighbour(picture);
  const padded = padInput({ picture, neighbours: [missing, missing] }, 32);
  for (const { moved, flow } of padded.neighbours) {
    assert.deepEqual(moved, padded.picture);
    assert.deepEqual(flow, { columns: 2, rows: 2, vectors: new Float32Array(8) });
  }
});

Deno.test("cropInput: the part of the picture, of its neighbours, and its cells", () => {
  const input = inputOf(64, 48);
  const region = { x: 16, y: 16, width: 32, height: 32 };
  const { picture, neighbours: [previous] } = cropInput(input, region);
  assert.deepEqual(picture, cropPicture(input.picture, region));
  assert.deepEqual(previous?.moved, cropPicture(numbered(64, 48, 5), region));
  assert.deepEqual([...previous.flow.vectors], [5, 6, 9, 10].flatMap((cell) => [10 * cell, 10 * cell + 5]));
});
