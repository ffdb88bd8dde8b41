import { testTranslations } from "../../../helpers/assert_translation.ts";
import { computedShapes } from "../../../helpers/computed_shapes.ts";
import { ints, text } from "../../../helpers/graph_builder.ts";

testTranslations({
  padding: (g) => {
    const amounts = g.constant([4, 2], [0, 0, 1, 2, 3, 1, 0, 0]);
    return g.node("AddV2", [
      g.node("MirrorPad", ["x", amounts], { mode: text("REFLECT") }),
      g.node("PadV2", ["x", amounts, g.constant([], [0.5], "float")]),
    ]);
  },
  slices: (g) => {
    const part = g.node(
      "StridedSlice",
      ["x", g.list(0, -1, 2, 0), g.list(0, 0, -1, 0), g.list(1, -2, 3, 1)],
      { begin_mask: { i: "9" }, end_mask: { i: "11" } },
    );
    const row = g.node("StridedSlice", ["x", g.list(0, 3), g.list(1, 4), g.list(1, 1)], {
      shrink_axis_mask: { i: "3" },
    });
    const cut = g.node("Slice", ["x", g.list(0, 0, 0, 1), g.list(1, 4, 4, 1)]);
    return g.node("AddV2", [
      g.node("Mul", [part, g.node("ExpandDims", [g.node("Sum", [row, g.list(0)]), g.number(0)])]),
      g.node("Sum", [cut, g.list(1, 2)], { keep_dims: { b: true } }),
    ]);
  },
  "sides that are added": (g) => {
    const wide = g.node("StridedSlice", ["x", g.list(0, 0, 0), g.list(0, 0, 0), g.list(1, 1, 1)], {
      begin_mask: { i: "5" },
      end_mask: { i: "5" },
      new_axis_mask: { i: "2" },
    });
    return g.node("Squeeze", [wide], { squeeze_dims: ints(1) });
  },
  "joining and parting": (g) => {
    const joined = g.node("ConcatV2", ["x", "x", g.number(3)], { N: { i: "2" } });
    const split = g.node("Split", [g.number(3), joined], { num_split: { i: "3" } });
    const packed = g.node("Pack", [split, `${split}:2`], { axis: { i: "1" }, N: { i: "2" } });
    const unpacked = g.node("Unpack", [packed], { axis: { i: "1" }, num: { i: "2" } });
    return g.node("Sub", [`${unpacked}:1`, unpacked]);
  },
  "turning and gathering": (g) => {
    const turned = g.node("Transpose", ["x", g.list(0, 2, 1, 3)]);
    return g.node("GatherV2", [turned, g.list(2, 0, 5), g.number(1)], { batch_dims: { i: "0" } });
  },
  "shapes that are computed": computedShapes,
});
