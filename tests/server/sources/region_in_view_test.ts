import assert from "node:assert/strict";
import { regionInView } from "../../../src/server/sources/region_in_view.ts";

/** Four by two pixels; each holds its place. */
const blurry = { width: 4, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i) };
const result = { ...blurry, data: blurry.data.map((value) => value + 100) };

Deno.test("regionInView cuts the same part out of both pictures", () => {
  const { pictures, region, width, height } = regionInView({ blurry, result }, { rotation: 0 }, {
    x: 1,
    y: 1,
    width: 2,
    height: 1,
  });
  assert.deepEqual(pictures.map(({ kind }) => kind), ["blurry", "result"]);
  assert.deepEqual(pictures.map(({ picture }) => Array.from(picture.data)), [
    [15, 16, 17, 18, 19, 20],
    [115, 116, 117, 118, 119, 120],
  ]);
  assert.deepEqual({ region, width, height }, {
    region: { x: 1, y: 1, width: 2, height: 1 },
    width: 4,
    height: 2,
  });
});

Deno.test("regionInView takes the region as it is displayed: of a picture rotated by 90 degrees, the left column is a row", () => {
  const { pictures, rotation, width, height } = regionInView({ blurry, result }, { rotation: 90 }, {
    x: 0,
    y: 0,
    width: 1,
    height: 4,
  });
  assert.deepEqual({ rotation, width, height }, { rotation: 90, width: 2, height: 4 });
  const [shown] = pictures;
  assert.deepEqual([shown?.picture.width, shown?.picture.height], [4, 1]);
});

Deno.test("regionInView gives the whole picture where nothing is asked for", () => {
  assert.deepEqual(regionInView({ blurry, result }, { rotation: 0 }, null).region, {
    x: 0,
    y: 0,
    width: 4,
    height: 2,
  });
});
