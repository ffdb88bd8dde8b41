import { testTranslations } from "../../../helpers/assert_translation.ts";
import { FLOAT, INT } from "../../../helpers/graph_builder.ts";

testTranslations({
  elementwise: (g) => {
    const square = g.node("Square", ["x"]);
    const root = g.node("Rsqrt", [g.node("AddV2", [square, g.constant([], [1], "float")])]);
    const bounded = g.node("Minimum", [g.node("Maximum", [root, g.node("Abs", ["x"])]), g.floats(3)]);
    const whole = g.node("Floor", [g.node("Mul", ["x", g.constant([], [7], "float")])]);
    return g.node("Sub", [g.node("RealDiv", [bounded, root]), g.node("Neg", [g.node("Sign", [whole])])]);
  },
  activations: (g) => {
    const leaky = g.node("LeakyRelu", ["x"], { alpha: { f: 0.3 } });
    const parts = ["Relu", "Relu6", "Sigmoid", "Tanh", "Exp", "Elu"].map((op) => g.node(op, [leaky]));
    return g.node("AddN", [...parts, g.node("Prelu", ["x", g.floats(1, 1, 3)])], { N: { i: "7" } });
  },
  "comparisons and choices": (g) => {
    const zero = g.constant([], [0], "float");
    const both = g.node("LogicalAnd", [
      g.node("Greater", ["x", zero]),
      g.node("LogicalNot", [g.node("LessEqual", [g.node("Abs", ["x"]), g.constant([], [0.2], "float")])]),
    ]);
    return g.node("SelectV2", [both, "x", g.node("SquaredDifference", ["x", g.floats(3)])]);
  },
  "whole numbers": (g) => {
    const size = g.node("Cast", [g.node("Shape", ["x"])], { SrcT: INT, DstT: INT });
    const mod = g.node("FloorMod", [size, g.list(5, 5, 5, 5)], { T: INT });
    const div = g.node("FloorDiv", [size, g.list(3, 3, 3, 3)], { T: INT });
    const sum = g.node("AddV2", [g.node("Mul", [mod, g.number(10)], { T: INT }), div], { T: INT });
    const floats = g.node("Cast", [g.node("StridedSlice", [sum, g.list(0), g.list(3), g.list(1)])], {
      SrcT: INT,
      DstT: FLOAT,
    });
    return g.node("AddV2", ["x", floats]);
  },
});
