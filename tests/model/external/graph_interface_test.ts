import assert from "node:assert/strict";
import { readInterface } from "../../../src/model/external/graph_interface.ts";
import type { GraphInput } from "../../../src/model/external/graph_session.ts";

const input = (shape: GraphInput["shape"], more: Partial<GraphInput> = {}): GraphInput => ({
  ...{ name: "x", type: "float32", shape },
  ...more,
});

Deno.test("readInterface: layouts by the side of three channels; where none says so both, channels first", () => {
  const layouts = (...shape: GraphInput["shape"]) => readInterface([input(shape)]).layouts;
  assert.deepEqual(layouts(1, 3, undefined, undefined), ["NCHW"]);
  assert.deepEqual(layouts(undefined, undefined, undefined, 3), ["NHWC"]);
  assert.deepEqual(layouts(1, undefined, undefined, undefined), ["NCHW", "NHWC"]);
  assert.deepEqual(layouts(1, undefined, 256, 256), ["NCHW"], "256 is a width");
});

Deno.test("readInterface: stacks of three frames, with and without a side of their own, and fixed sides", () => {
  const stack = readInterface([input([1, 9, 64, undefined])]);
  assert.deepEqual([stack.frames, stack.hasFrameSide, stack.fixed], [3, false, { height: 64 }]);
  const apart = readInterface([input([1, 3, 3, 32, 48])]);
  assert.deepEqual([apart.frames, apart.hasFrameSide, apart.fixed], [3, true, { height: 32, width: 48 }]);
});

Deno.test("readInterface: a number named detail is the gain", () => {
  const detail = input([], { name: "detail" });
  assert.equal(readInterface([detail, input([1, 3, undefined, undefined])]).detail, "detail");
});

Deno.test("readInterface: what cannot be served is refused by the name of the input", () => {
  const picture = input([1, 3, undefined, undefined]);
  for (
    const [inputs, why] of [
      [[], /no input/],
      [[input([3, 4])], /"x", float32 \[3, 4\], is no picture/],
      [[picture, input([1, 3, 8, 8], { name: "y" })], /"y", .* is a second picture beside "x"/],
      [[picture, input([1], { name: "time" })], /"time", .* is nothing that a picture says/],
      [[input([2, 3, 8, 8])], /takes 2 pictures at once/],
      [[input([1, 3, 8, 8], { type: "int64" })], /samples of an unknown type/],
      [[input([1, 1, 32, 32])], /no side of 3 channels/],
      [[input([1, 15, undefined, undefined])], /takes 5 frames/],
      [[input([1, 3, 4, 8, 8])], /no 3 channels after its side of frames/],
    ] as const
  ) {
    assert.throws(() => readInterface(inputs), { name: "UnfitGraphError", message: why });
  }
});
