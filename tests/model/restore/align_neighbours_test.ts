import assert from "node:assert/strict";
import { copyOfRegion } from "../../../src/crop_picture.ts";
import type { Picture } from "../../../src/frame.ts";
import { alignNeighbours } from "../../../src/model/restore/align_neighbours.ts";
import { cropFlow } from "../../../src/motion/block_flow.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

const SIZE = { width: 500, height: 330 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const scene = (dx: number, dy = 0, noise = 4): Picture =>
  renderScene({ ...SIZE, dx, dy, noise, seed: 50 + dx });

Deno.test("alignNeighbours: a part is moved exactly as it is in the whole picture, 8 and 16 bits", () => {
  const deep = (picture: Picture) => ({
    ...picture,
    data: Uint16Array.from(picture.data, (value) => 257 * value),
  });
  const [picture, previous, next] = [scene(0), scene(21, -13), scene(-30, 17)] as const;
  for (const made of [(picture: Picture) => picture, deep]) {
    const whole = alignNeighbours(made(picture), { previous: made(previous), next: made(next) }, WHOLE);
    for (
      const region of [
        { x: 128, y: 128, width: 128, height: 128 },
        { x: 256, y: 128, width: 244, height: 202 },
        { x: 0, y: 0, width: 128, height: 330 },
        { x: 192, y: 160, width: 16, height: 16 },
      ]
    ) {
      const part = alignNeighbours(made(picture), { previous: made(previous), next: made(next) }, region);
      for (const i of [0, 1]) {
        const [here, there] = [part[i], whole[i]];
        assert.ok(here && there);
        assert.deepEqual(here.moved, copyOfRegion(there.moved, region));
        const cells = {
          x: region.x / 16,
          y: region.y / 16,
          width: Math.ceil(region.width / 16),
          height: Math.ceil(region.height / 16),
        };
        assert.deepEqual(here.flow, cropFlow(there.flow, cells));
      }
    }
  }
});

Deno.test("alignNeighbours: a missing neighbour is nothing, and so is one that shows another scene", () => {
  const [picture, other] = [scene(0, 0, 0), scene(900, 400, 0)] as const;
  const found = (neighbours: { previous?: Picture; next?: Picture }) =>
    alignNeighbours(picture, neighbours, WHOLE).map((neighbour) => neighbour !== undefined);
  assert.deepEqual(found({}), [false, false]);
  assert.deepEqual(found({ next: picture }), [false, true]);
  assert.deepEqual(found({ previous: scene(8) }), [true, false]);
  assert.deepEqual(found({ previous: other, next: scene(8) }), [false, true]);
  assert.deepEqual(found({ previous: scene(8), next: other }), [true, false]);
});

Deno.test("alignNeighbours: a still neighbour is the picture itself, without motion; so are the smallest", () => {
  for (const [width, height] of [[500, 330], [33, 17], [5, 3], [1, 1]] as const) {
    const picture = renderScene({ width, height });
    const [previous, next] = alignNeighbours(picture, { previous: picture, next: picture }, {
      ...{ x: 0, y: 0, width, height },
    });
    const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
    const still = { moved: picture, flow: { columns, rows, vectors: new Float32Array(2 * columns * rows) } };
    assert.deepEqual([previous, next], [still, still]);
  }
});
