import assert from "node:assert/strict";
import { copyOfRegion } from "../../src/crop_picture.ts";
import type { Picture } from "../../src/frame.ts";
import { type BlockFlow, cropFlow } from "../../src/motion/block_flow.ts";
import { moveOnto } from "../../src/motion/move_onto.ts";
import { plainMove } from "../helpers/plain_motion.ts";
import { seededRandom } from "../helpers/random_weights.ts";

function noise(width: number, height: number, depth: 8 | 16 = 8): Picture {
  const random = seededRandom(9);
  const samples = depth === 16 ? new Uint16Array(3 * width * height) : new Uint8Array(3 * width * height);
  return { data: samples.map(() => 2 ** depth * random()), width, height };
}

function flowOf({ width, height }: Picture, vector: (cell: number) => readonly [number, number]): BlockFlow {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  const vectors = Float32Array.from(Array.from({ length: columns * rows }, (_, cell) => vector(cell)).flat());
  return { columns, rows, vectors };
}

/** The pixel at (x, y), edges repeated. */
function pixel({ data, width, height }: Picture, x: number, y: number): number[] {
  const [column, row] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
  return [...data.subarray(3 * (row * width + column), 3 * (row * width + column) + 3)];
}

for (const depth of [8, 16] as const) {
  Deno.test(`moveOnto: whole moves are exact, edges repeated, of any size: ${depth} bits`, () => {
    for (const [width, height] of [[1, 1], [3, 40], [37, 5], [64, 48], [101, 33]] as const) {
      const picture = noise(width, height, depth);
      const before = picture.data.slice();
      for (const [dx, dy] of [[0, 0], [5, -3], [-40, 17], [200, 200]] as const) {
        const moved = moveOnto(picture, flowOf(picture, () => [dx, dy]));
        assert.deepEqual([moved.width, moved.height, moved.data.constructor], [
          width,
          height,
          before.constructor,
        ]);
        assert.equal(moved.data.byteLength, moved.data.buffer.byteLength, "it has a buffer of its own");
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            assert.deepEqual(
              pixel(moved, x, y),
              pixel(picture, x + dx, y + dy),
              `${x}, ${y} by ${dx}, ${dy}`,
            );
          }
        }
      }
      assert.deepEqual(picture.data, before);
    }
  });

  Deno.test(`moveOnto: the numbers of the plain way to say it, for any flow: ${depth} bits`, () => {
    for (const [width, height] of [[1, 1], [50, 35], [97, 64]] as const) {
      const picture = noise(width, height, depth);
      const random = seededRandom(2);
      const flow = flowOf(picture, () => [40 * random() - 20, 40 * random() - 20]);
      const plain = plainMove(picture, flow.vectors);
      // Rounded once there, and to 1/128 level and 1/32768 pixel on the way here.
      const allowed = depth === 8 ? 0.52 : 12;
      moveOnto(picture, flow).data.forEach((value, i) =>
        assert.ok(Math.abs(value - (plain[i] ?? NaN)) <= allowed, `${value}, ${plain[i]}`)
      );
    }
  });
}

Deno.test("moveOnto: half a pixel is the mean of two, a quarter of each of four", () => {
  const picture: Picture = {
    data: Uint8Array.of(10, 20, 30, 50, 60, 70, 90, 100, 110, 130, 140, 150),
    width: 2,
    height: 2,
  };
  const first = (dx: number, dy: number) => pixel(moveOnto(picture, flowOf(picture, () => [dx, dy])), 0, 0);
  assert.deepEqual(first(0.5, 0), [30, 40, 50]);
  assert.deepEqual(first(0, 0.5), [50, 60, 70]);
  assert.deepEqual(first(0.5, 0.5), [70, 80, 90]);
});

Deno.test("moveOnto: a part is what it is in the whole picture", () => {
  for (const depth of [8, 16] as const) {
    const picture = noise(150, 100, depth);
    const random = seededRandom(6);
    const flow = flowOf(picture, () => [60 * random() - 30, 60 * random() - 30]);
    const whole = moveOnto(picture, flow);
    for (
      const [region, around] of [
        [{ x: 32, y: 16, width: 64, height: 48 }, { x: 16, y: 0, width: 96, height: 80 }],
        [{ x: 96, y: 64, width: 54, height: 36 }, { x: 80, y: 48, width: 70, height: 52 }],
        [{ x: 0, y: 0, width: 17, height: 5 }, { x: 0, y: 0, width: 48, height: 32 }],
      ] as const
    ) {
      const cells = {
        x: around.x / 16,
        y: around.y / 16,
        width: Math.ceil(around.width / 16),
        height: Math.ceil(around.height / 16),
      };
      const part = moveOnto(picture, cropFlow(flow, cells), { region, flowRegion: around });
      assert.deepEqual(part, copyOfRegion(whole, region));
    }
  }
});
