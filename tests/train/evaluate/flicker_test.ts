import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { flicker } from "../../../src/train/evaluate/flicker.ts";
import { renderClouds } from "../../helpers/clouds.ts";

const SIZE = { width: 240, height: 180 };

function brighter({ data, width, height }: Picture, by: number): Picture {
  return { data: Uint8Array.from(data, (value) => Math.min(255, value + by)), width, height };
}

Deno.test("flicker: none of a still sequence, the change of brightness of one that flickers", () => {
  const still = brighter({ data: new Uint8Array(3 * 64 * 48), width: 64, height: 48 }, 100);
  assert.deepEqual(flicker([still, still], [still, brighter(still, 7)]), [0, 7]);
});

Deno.test("flicker: what moves with the scene does not flicker, what stays behind does", () => {
  const [before, now] = [renderClouds(SIZE), renderClouds({ ...SIZE, x: 24, y: -16 })];
  const [moving = NaN, staying = NaN, flickering = NaN] = flicker(
    [before, before, brighter(before, 0)],
    [now, before, brighter(now, 5)],
  );
  assert.ok(staying > 4 * moving, `${staying}, ${moving}`); // what comes into view has nothing to be compared with
  assert.ok(flickering > moving + 2, `${flickering}, ${moving}`);
});

Deno.test("flicker: of no sequence there is none", () => assert.deepEqual(flicker([], []), []));
