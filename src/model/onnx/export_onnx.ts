import { FLOW_CELL, sizeMultiple } from "../network/config.ts";
import { mtdn } from "../network/network.ts";
import { halfOps } from "./half_ops.ts";
import { ONNX_TYPES, OnnxGraph } from "./onnx_graph.ts";
import { onnxOps } from "./onnx_ops.ts";
import type { Weights } from "../weights/weights.ts";

/** Options of {@linkcode exportOnnx}. */
export interface ExportOnnxOptions {
  /** Bits of a sample, in and out. @default {8} */
  readonly depth?: 8 | 16;
  /** Add the outputs `up` and `down`, the two branches as pictures (Fig. 3 of the paper). @default {false} */
  readonly branches?: boolean;
  /**
   * What the layers take and give, while pictures and what is added to them are float32. `emulated float16` computes with float32 and
   * rounds: see {@linkcode halfOps}. @default {"float32"}
   */
  readonly layers?: "float32" | "float16" | "emulated float16";
}

/** Names of the inputs that a network of three frames has for its neighbours. */
export const NEIGHBOURS = [
  { picture: "previous", flow: "previous_flow" },
  { picture: "next", flow: "next_flow" },
] as const;

/**
 * The network as the bytes of an ONNX file.
 *
 * Inputs: `picture`, `uint8` (or `uint16`) `[1, height, width, 3]`, sides divisible by `sizeMultiple(config)`; and
 * `detail`, a float scalar, the gain of what the network changes. Of a network of three frames also `previous` and
 * `next`, the frames before and after, moved onto `picture`, of its type and shape; and `previous_flow` and `next_flow`, how far:
 * float `[1, rows, columns, 2]`, for each cell of 16 × 16 pixels how far to the right and how far down its content lies in
 * that frame. In place of a missing neighbour `picture` itself and zeros. Outputs, of the same type and shape as
 * `picture`: `image` = `picture` + `detail` × (`up` + `down` − `picture`); with `branches` also `up` and, of a two-way network, 0.5 + `down`.
 * All are clamped to the picture's range and rounded to the nearest (ties to even). The file's metadata hold the network's
 * `config` as JSON and `size_multiple`; its `doc_string` says all this.
 */
export function exportOnnx(
  { config, tensors }: Pick<Weights, "config" | "tensors">,
  { depth = 8, branches = false, layers = "float32" }: ExportOnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const type = depth === 16 ? "uint16" : "uint8";
  const white = graph.scalar(2 ** depth - 1);
  const shape = [1, "height", "width", 3];

  const picture = graph.input("picture", type, shape);
  const detail = graph.input("detail", "float", []);
  const planes = (value: string) => graph.node("Transpose", [value], { perm: [0, 3, 1, 2] });
  const values = (picture: string) =>
    graph.node("Div", [graph.node("Cast", [planes(picture)], { to: ONNX_TYPES.float }), white]);
  const blurry = values(picture);
  const neighbours = NEIGHBOURS.slice(0, config.frames - 1).map((name) => ({
    moved: values(graph.input(name.picture, type, shape)),
    flow: planes(graph.input(name.flow, "float", [1, "rows", "columns", 2])),
  }));

  const ops = layers === "float32"
    ? onnxOps(graph, tensors)
    : halfOps(graph, tensors, layers === "emulated float16");
  const finest = mtdn(ops, config, blurry, neighbours).at(-1);
  if (finest === undefined) throw new RangeError(`Cannot write a network of ${config.scales} scales as ONNX`);
  const { up, down } = finest;
  const image = withDetail(graph, finest.image, blurry, detail);

  const asPicture = (name: string, value: string) => {
    const scaled = graph.node("Round", [graph.node("Mul", [value, white])]);
    const clamped = graph.node("Clip", [scaled, graph.scalar(0), white]);
    const samples = graph.node("Cast", [clamped], { to: ONNX_TYPES[type] });
    graph.output(name, graph.node("Transpose", [samples], { perm: [0, 2, 3, 1] }), type, shape);
  };
  asPicture("image", image);
  if (branches) asPicture("up", up);
  if (branches && down !== undefined) asPicture("down", ops.add(down, graph.scalar(0.5)));
  // A runtime says no more of a side it cannot divide than that two shapes differ, somewhere inside.
  const multiple = sizeMultiple(config);
  const metadata = { config: JSON.stringify(config), size_multiple: `${multiple}` };
  return graph.toModel("mtdn", metadata, describe(type, multiple, config.frames > 1, branches));
}

/** `restored` + (`detail` − 1) × (`restored` − `blurry`): exactly `restored` where `detail` is 1. */
export function withDetail(graph: OnnxGraph, restored: string, blurry: string, detail: string): string {
  const more = graph.node("Sub", [detail, graph.scalar(1)]);
  const change = graph.node("Sub", [restored, blurry]);
  return graph.node("Add", [restored, graph.node("Mul", [change, more])]);
}

function describe(type: string, multiple: number, takesNeighbours: boolean, branches: boolean): string {
  return [
    `Restores a blurred picture. "picture": RGB, ${type} [1, height, width, 3]; height and width have to be multiples of ${multiple}:`,
    `pad others, best by mirroring, and cut the result. "detail": gain of what the network changes, usually 1. "image": the result, as "picture".`,
    ...(takesNeighbours
      ? [
        `"previous", "next": the frames before and after, as "picture", each pixel taken from where "previous_flow" and "next_flow" say`,
        `it lies there: float [1, height / ${FLOW_CELL}, width / ${FLOW_CELL}, 2], pixels to the right and down from "picture" to that frame, one pair`,
        `a cell of ${FLOW_CELL} x ${FLOW_CELL}, bilinear between the middles of cells. In place of a missing one: "picture" itself and zeros.`,
      ]
      : []),
    ...(branches ? [`"up", "down": the branches as pictures, as far as the network has them.`] : []),
  ].join(" ");
}
