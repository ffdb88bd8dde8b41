import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import {
  type InputForm,
  type OutputForm,
  toPicture,
  toTensor,
} from "../../../src/model/external/picture_tensor.ts";

/** Two pixels: (0, 51, 102) and (153, 204, 255). */
const PICTURE: Picture = { data: Uint8Array.of(0, 51, 102, 153, 204, 255), width: 2, height: 1 };
const FORM: InputForm = {
  type: "float32",
  layout: "NCHW",
  range: { black: 0, white: 1 },
  order: "rgb",
  hasFrameSide: false,
};

/** Values of a tensor in tenths, to compare. */
const tenths = (values: ArrayLike<number>) => Array.from(values, (value) => Math.round(10 * value));

Deno.test("toTensor: channels, one after the other or side by side, in either order and range", () => {
  const planes = toTensor([PICTURE], FORM);
  assert.deepEqual([planes.dims, tenths(planes.data)], [[1, 3, 1, 2], [0, 6, 2, 8, 4, 10]]);
  const pixels = toTensor([PICTURE], { ...FORM, layout: "NHWC", order: "bgr" });
  assert.deepEqual([pixels.dims, tenths(pixels.data)], [[1, 1, 2, 3], [4, 2, 0, 10, 8, 6]]);
  const signed = toTensor([PICTURE], { ...FORM, range: { black: -1, white: 1 } });
  assert.deepEqual(tenths(signed.data), [-10, 2, -6, 6, -2, 10]);
});

Deno.test("toTensor: several frames, as channels or with a side of their own; samples of 16 bits", () => {
  const deep: Picture = { data: Uint16Array.of(0, 65535, 0, 0, 65535, 0), width: 2, height: 1 };
  const stack = toTensor([PICTURE, deep], FORM);
  assert.deepEqual(stack.dims, [1, 6, 1, 2]);
  assert.deepEqual(tenths(stack.data).slice(6), [0, 0, 10, 10, 0, 0]);
  assert.deepEqual(toTensor([PICTURE, deep], { ...FORM, hasFrameSide: true }).dims, [1, 2, 3, 1, 2]);
});

Deno.test("toPicture: is the inverse of toTensor, and takes the middle of several frames", () => {
  for (const layout of ["NCHW", "NHWC"] as const) {
    for (const order of ["rgb", "bgr"] as const) {
      for (const range of [{ black: 0, white: 255 }, { black: -1, white: 1 }]) {
        const form = { ...FORM, layout, order, range };
        const output: OutputForm = { layout, order, range, channels: 3 };
        assert.deepEqual(toPicture(toTensor([PICTURE], form), output, PICTURE), PICTURE);
        const other: Picture = { ...PICTURE, data: new Uint8Array(6) };
        const three = toTensor([other, PICTURE, other], form);
        assert.deepEqual(toPicture(three, { ...output, channels: 9 }, PICTURE), PICTURE);
      }
    }
  }
});

Deno.test("toPicture: clamps and rounds, and refuses values that are no numbers", () => {
  const form: OutputForm = { layout: "NHWC", range: { black: 0, white: 1 }, order: "rgb", channels: 3 };
  const tensor = (...values: number[]) => ({
    type: "float32" as const,
    dims: [1, 1, 2, 3],
    data: Float32Array.from(values),
  });
  const picture = toPicture(tensor(-1, 2, 0.5, 0.1, 1, 0), form, PICTURE);
  assert.deepEqual([...picture.data], [0, 255, 128, 26, 255, 0]);
  const deep = { ...PICTURE, data: new Uint16Array(6) };
  assert.deepEqual([...toPicture(tensor(-1, 2, 0, 0, 1, 0), form, deep).data], [0, 65535, 0, 0, 65535, 0]);
  for (const bad of [NaN, Infinity]) {
    assert.throws(() => toPicture(tensor(0, 0, bad, 0, 0, 0), form, PICTURE), /no numbers/);
  }
});
