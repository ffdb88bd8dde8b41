import type { ConvSpec, Ops } from "../../model/network/ops.ts";
import { DATA_TYPES, type DataType } from "./saved_model.ts";
import type { Tape } from "./tape.ts";
import { type GraphTensor, HALVING, type TensorGraph, text, typeOf } from "./tensor_graph.ts";

/** Type of convolutions and of the values between them. */
export type Precision = "float32" | "bfloat16";

/** Options of {@linkcode graphOps}. */
export interface GraphOpsOptions {
  /** Weights by name, `float`. */
  readonly weights: ReadonlyMap<string, GraphTensor>;
  readonly precision: Precision;
  /** Records how to differentiate. */
  readonly tape: Tape;
}

/**
 * Adds the network to a TensorFlow graph, and records on the tape how it is differentiated. Pictures are `[batch, height, width, channels]`, kernels
 * have TensorFlow's layout. Gradients of weights are `float` in both precisions.
 */
export function graphOps(
  graph: TensorGraph,
  { weights, precision, tape }: GraphOpsOptions,
): Ops<GraphTensor> {
  const compute: DataType = precision === "bfloat16" ? "bfloat16" : "float";
  const casts = new Map<string, GraphTensor>();
  /** A weight in the precision of the computation; cast once for all scales. */
  const weight = (name: string) => {
    const master = weights.get(name);
    if (master === undefined) {
      throw new TypeError(`Cannot build the graph: there are no weights named "${name}"`);
    }
    const cast = casts.get(name) ?? graph.cast(master, compute);
    casts.set(name, cast);
    return { master, cast };
  };
  const cast = (x: GraphTensor, type: DataType) =>
    x.type === type ? x : tape.record(graph.cast(x, type), [x], (dy) => [graph.cast(dy, x.type)]);
  const withBias = (x: GraphTensor, layer: string) => {
    const bias = weight(`${layer}.bias`);
    const attr = (of: GraphTensor) => ({ T: typeOf(of), data_format: text("NHWC") });
    const y = graph.node("BiasAdd", [x, bias.cast], attr(x), x.type, x.shape);
    return tape.record(y, [x, bias.master], (dy) => {
      // TensorFlow sums in the type of its input: a sum of ones in bfloat16 stops at 256.
      const exact = graph.cast(dy, "float");
      return [dy, graph.node("BiasAddGrad", [exact], attr(exact), "float", bias.master.shape)];
    });
  };
  return {
    conv(x, layer, spec) {
      const input = cast(x, compute);
      const kernel = weight(`${layer}.weight`);
      const run = convolutions(graph, spec, compute);
      const y = tape.record(run.forward(input, kernel.cast), [input, kernel.master], (dy, isNeeded) => [
        isNeeded(input) ? run.byInput(input.shape, kernel.cast, dy) : undefined,
        graph.cast(run.byKernel(input, kernel.cast.shape, dy), "float"),
      ]);
      return withBias(y, layer);
    },
    deconv(x, layer, spec) {
      const input = cast(x, compute);
      const kernel = weight(`${layer}.weight`);
      const run = convolutions(graph, spec, compute);
      const [batch = 0, height = 0, width = 0] = input.shape;
      const shape = [batch, height * spec.stride, width * spec.stride, spec.outChannels];
      // A transposed convolution is the gradient of a convolution by its input, and vice versa.
      const y = tape.record(
        run.byInput(shape, kernel.cast, input),
        [input, kernel.master],
        (dy, isNeeded) => [
          isNeeded(input) ? run.forward(dy, kernel.cast) : undefined,
          graph.cast(run.byKernel(dy, kernel.cast.shape, input), "float"),
        ],
      );
      return withBias(y, layer);
    },
    relu(x) {
      const y = graph.unary("Relu", x);
      return tape.record(
        y,
        [x],
        (dy) => [graph.node("ReluGrad", [dy, y], { T: typeOf(y) }, y.type, y.shape)],
      );
    },
    add(a, b) {
      const type = a.type === b.type ? a.type : "float";
      const [left, right] = [cast(a, type), cast(b, type)];
      return tape.record(graph.add(left, right), [left, right], (dy) => [dy, dy]);
    },
    scale: (x, factor) => tape.record(graph.mul(x, factor), [x], (dy) => [graph.mul(dy, factor)]),
    concat(parts) {
      const type = parts.every((part) => part.type === parts[0]?.type) ? parts[0]?.type ?? "float" : "float";
      const inputs = parts.map((part) => cast(part, type));
      return tape.record(graph.concat(inputs, 3), inputs, (dy, isNeeded) => {
        let channel = 0;
        return inputs.map((input) => {
          const begin = [0, 0, 0, channel];
          channel += input.shape[3] ?? 0;
          return isNeeded(input) ? graph.slice(dy, begin, input.shape) : undefined;
        });
      });
    },
    halve: (x) =>
      tape.record(graph.halve(x), [x], (dy) => {
        const shape = graph.ints(...x.shape);
        return [graph.node("AvgPoolGrad", [shape, dy], { T: typeOf(dy), ...HALVING }, dy.type, x.shape)];
      }),
    // Not recorded, because no gradient is propagated through it.
    enlarge: (x, times) => enlarge(graph, graph.cast(x, "float"), times),
  };
}

/** A convolution with `same` padding, and its two gradients. */
function convolutions(graph: TensorGraph, { stride, outChannels }: ConvSpec, type: DataType) {
  const attr = {
    T: { type: DATA_TYPES[type] },
    strides: { list: { i: [1, stride, stride, 1] } },
    padding: text("SAME"),
    data_format: text("NHWC"),
  };
  return {
    forward(x: GraphTensor, kernel: GraphTensor): GraphTensor {
      const [batch = 0, height = 0, width = 0] = x.shape;
      const shape = [
        batch,
        Math.ceil(height / stride),
        Math.ceil(width / stride),
        kernel.shape[3] ?? outChannels,
      ];
      return graph.node("Conv2D", [x, kernel], attr, type, shape);
    },
    byInput(shape: readonly number[], kernel: GraphTensor, dy: GraphTensor): GraphTensor {
      return graph.node("Conv2DBackpropInput", [graph.ints(...shape), kernel, dy], attr, type, shape);
    },
    byKernel(x: GraphTensor, shape: readonly number[], dy: GraphTensor): GraphTensor {
      return graph.node("Conv2DBackpropFilter", [x, graph.ints(...shape), dy], attr, type, shape);
    },
  };
}

function enlarge(graph: TensorGraph, x: GraphTensor, times: number): GraphTensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const size = [times * height, times * width] as const;
  const attr = { T: typeOf(x), align_corners: { b: false }, half_pixel_centers: { b: true } };
  return graph.node("ResizeBilinear", [x, graph.ints(...size)], attr, "float", [batch, ...size, channels]);
}
