import { FLOAT, type GraphBuilder, INT } from "./graph_builder.ts";

/** Adds nodes that compute with the size of the picture to a graph. @returns The last one. */
export function computedShapes(g: GraphBuilder): string {
  const shape = g.node("Shape", ["x"]);
  const side = (i: number) =>
    g.node("StridedSlice", [shape, g.list(i), g.list(i + 1), g.list(1)], { shrink_axis_mask: { i: "1" } });
  const half = g.node("FloorDiv", [side(1), g.number(2)], { T: INT });
  const packed = g.node("Pack", [g.number(1), half, g.number(2), side(2), g.number(3)], {
    T: INT,
    axis: { i: "0" },
    N: { i: "5" },
  });
  const blocks = g.node("Reshape", ["x", packed]);
  const range = g.node("Cast", [g.node("Range", [g.number(0), side(2), g.number(1)])], {
    SrcT: INT,
    DstT: FLOAT,
  });
  const spread = g.node("BroadcastTo", [
    g.node("ExpandDims", [range, g.number(1)]),
    g.node("Pack", [side(2), g.number(3)], { T: INT, axis: { i: "0" }, N: { i: "2" } }),
  ]);
  return g.node("AddV2", [
    g.node("Mean", [blocks, g.list(2)]),
    g.node("Tile", [g.node("Max", [spread, g.list(0)], { keep_dims: { b: true } }), g.list(1, 1)]),
  ]);
}
