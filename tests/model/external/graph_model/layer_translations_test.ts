import { testTranslations } from "../../../helpers/assert_translation.ts";
import { ints, text } from "../../../helpers/graph_builder.ts";

testTranslations({
  "convolution, same padding": (g) =>
    g.node("BiasAdd", [
      g.node("Conv2D", ["x", g.floats(3, 3, 3, 4)], {
        strides: ints(1, 1, 1, 1),
        padding: text("SAME"),
        dilations: ints(1, 1, 1, 1),
      }),
      g.floats(4),
    ]),
  "convolution, stride 2": (g) =>
    g.node("Conv2D", ["x", g.floats(3, 3, 3, 4)], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    }),
  "convolution, no padding": (g) =>
    g.node("Conv2D", ["x", g.floats(5, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("VALID"),
      dilations: ints(1, 1, 1, 1),
    }),
  "dilated convolution": (g) =>
    g.node("Conv2D", ["x", g.floats(3, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 2, 2, 1),
    }),
  "depthwise convolution": (g) =>
    g.node("DepthwiseConv2dNative", ["x", g.floats(3, 3, 3, 2)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    }),
  "fused convolution": (g) =>
    g.node("_FusedConv2D", ["x", g.floats(3, 3, 3, 4), g.floats(4)], {
      strides: ints(1, 1, 1, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
      fused_ops: { list: { s: [btoa("BiasAdd"), btoa("LeakyRelu")] } },
      leakyrelu_alpha: { f: 0.1 },
      num_args: { i: "1" },
    }),
  "transposed convolution": (g) => {
    const shape = g.list(1, 16, 24, 5);
    return g.node("Conv2DBackpropInput", [shape, g.floats(4, 4, 5, 3), "x"], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    });
  },
  "transposed convolution with a small kernel": (g) => {
    const shape = g.list(1, 16, 24, 5);
    return g.node("Conv2DBackpropInput", [shape, g.floats(2, 2, 5, 3), "x"], {
      strides: ints(1, 2, 2, 1),
      padding: text("SAME"),
      dilations: ints(1, 1, 1, 1),
    });
  },
  pooling: (g) => {
    const attributes = { ksize: ints(1, 3, 3, 1), strides: ints(1, 2, 2, 1), padding: text("SAME") };
    return g.node("Sub", [g.node("MaxPool", ["x"], attributes), g.node("AvgPool", ["x"], attributes)]);
  },
  "products of matrices": (g) => {
    const dense = g.node("Einsum", ["x", g.floats(3, 4)], { equation: text("abcg,gf->abcf"), N: { i: "2" } });
    const mixed = g.node("Einsum", [g.floats(8, 8), dense], {
      equation: text("gb,cgef->cbef"),
      N: { i: "2" },
    });
    return g.node("Softmax", [mixed]);
  },
  "blocks and channels": (g) => {
    const channels = g.node("ConcatV2", ["x", g.node("Square", ["x"]), "x", "x", g.number(3)], {
      N: { i: "4" },
    });
    return g.node("DepthToSpace", [channels], { block_size: { i: "2" }, data_format: text("NHWC") });
  },
  resizing: (g) => {
    const bilinear = g.node("ResizeBilinear", ["x", g.list(16, 24)], {
      align_corners: { b: false },
      half_pixel_centers: { b: true },
    });
    const nearest = g.node("ResizeNearestNeighbor", ["x", g.list(16, 24)], {
      align_corners: { b: false },
      half_pixel_centers: { b: false },
    });
    return g.node("AddV2", [bilinear, nearest]);
  },
});
