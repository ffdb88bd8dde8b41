import { ONNX_TYPES, OnnxGraph, type OnnxType } from "../../src/model/onnx/onnx_graph.ts";

/** What a small graph is like; it brightens pictures by a 25th of the range. */
export interface SmallGraphOptions {
  /** @default {"NCHW"} */
  readonly layout?: "NCHW" | "NHWC";
  /** @default {"float"} */
  readonly type?: "float" | "float16" | "uint8";
  /** Value of white. @default {1; 255 for uint8} */
  readonly white?: number;
  /** Sides as declared. @default {"height", "width"} */
  readonly height?: number | string;
  /** Likewise. */
  readonly width?: number | string;
  /** Reduces the picture by so much and enlarges it again, adding what it had: sides have to be multiples of it. @default {1} */
  readonly stride?: number;
  /** Frames behind each other; the result is the mean of the first and the last. @default {1} */
  readonly frames?: number;
  /** Further outputs before the picture. @default {none} */
  readonly extraOutputs?: boolean;
  /** The size that the graph is made for inside, whatever it declares. @default {none} */
  readonly bakedSide?: number;
}

const BATCH = 1;

/** A graph of each kind that networks are exported as, in a few nodes. */
export function smallGraph(options: SmallGraphOptions = {}): Uint8Array<ArrayBuffer> {
  const { layout = "NCHW", type = "float", height = "height", width = "width", stride = 1, frames = 1 } =
    options;
  const { white = type === "uint8" ? 255 : 1 } = options;
  const graph = new OnnxGraph();
  const shape = (channels: number) =>
    layout === "NCHW" ? [BATCH, channels, height, width] : [BATCH, height, width, channels];
  const input = graph.input("input", type, shape(3 * frames));
  const floats = type === "float" ? input : graph.node("Cast", [input], { to: ONNX_TYPES.float });
  const planes = layout === "NCHW" ? floats : graph.node("Transpose", [floats], { perm: [0, 3, 1, 2] });
  const unit = graph.node("Div", [planes, graph.scalar(white)]);
  const body = withBakedSide(
    graph,
    withStride(graph, meanOfEnds(graph, unit, frames), stride),
    options.bakedSide,
  );
  const brighter = graph.node("Add", [body, graph.scalar(0.04)]);
  const clipped = graph.node("Clip", [brighter, graph.scalar(0), graph.scalar(1)]);
  // A network for 0 to 255 fed with 0 to 1 sees black; rounding makes that plain.
  const scaled = white === 255
    ? graph.node("Round", [graph.node("Mul", [clipped, graph.scalar(white)])])
    : clipped;
  const back = layout === "NCHW" ? scaled : graph.node("Transpose", [scaled], { perm: [0, 2, 3, 1] });
  const result = type === "float" ? back : graph.node("Cast", [back], { to: ONNX_TYPES[type] });
  if (options.extraOutputs) {
    const small = graph.node("AveragePool", [unit], { kernel_shape: [2, 2], strides: [2, 2] });
    graph.output("half", small, "float", [BATCH, 3, "h", "w"]);
    graph.output("mean", graph.node("ReduceMean", [unit], { axes: [1, 2, 3], keepdims: 0 }), "float", [
      BATCH,
    ]);
  }
  graph.output("output", result, type satisfies OnnxType, shape(3));
  return graph.toModel("small");
}

function meanOfEnds(graph: OnnxGraph, value: string, frames: number): string {
  if (frames === 1) return value;
  const part = (begin: number) => {
    const ends = [[begin], [begin + 3], [1]].map((list, i) =>
      graph.constant(`slice ${begin} ${i}`, "int64", [1], BigInt64Array.from(list, BigInt))
    );
    return graph.node("Slice", [value, ...ends]);
  };
  const sum = graph.node("Add", [part(0), part(3 * frames - 3)]);
  return graph.node("Mul", [sum, graph.scalar(0.5)]);
}

function withStride(graph: OnnxGraph, value: string, stride: number): string {
  if (stride === 1) return value;
  const small = graph.node("AveragePool", [value], {
    kernel_shape: [stride, stride],
    strides: [stride, stride],
  });
  const scales = graph.constant("scales", "float", [4], Float32Array.of(1, 1, stride, stride));
  const large = graph.node("Resize", [small, "", scales], { mode: "nearest" });
  return graph.node("Add", [value, graph.node("Mul", [graph.node("Sub", [large, value]), graph.scalar(0)])]);
}

/** Like an exporter that wrote down the size of its example picture. */
function withBakedSide(graph: OnnxGraph, value: string, side: number | undefined): string {
  if (side === undefined) return value;
  const shape = graph.constant("baked", "int64", [4], BigInt64Array.of(1n, 3n, BigInt(side), BigInt(side)));
  return graph.node("Reshape", [value, shape]);
}
