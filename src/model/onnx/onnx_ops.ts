import { kernelsFirst } from "./kernels_first.ts";
import type { OnnxGraph } from "./onnx_graph.ts";
import type { ConvSpec, Ops } from "../network/ops.ts";
import type { TensorData } from "../weights/safetensors.ts";

/**
 * Writes the network down as nodes of an ONNX graph. Values are float pictures `[batch, channels, height, width]`;
 * kernels are re-ordered from TensorFlow's layouts to ONNX's.
 *
 * @param type What the layers take, compute with and give.
 */
export function onnxOps(
  graph: OnnxGraph,
  tensors: ReadonlyMap<string, TensorData>,
  type: "float" | "float16" = "float",
): Ops<string> {
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new TypeError(`Cannot write the network as ONNX: no weights named "${name}"`);
    }
    return found;
  };
  const constant = (name: string, { shape, data }: TensorData) =>
    graph.constant(name, type, shape, type === "float" ? data : Float16Array.from(data));
  const bias = (layer: string) => constant(`${layer}.bias`, tensor(`${layer}.bias`));
  const kernel = (layer: string) => constant(`${layer}.weight`, kernelsFirst(tensor(`${layer}.weight`)));
  return {
    conv: (x, layer, spec) => graph.node("Conv", [x, kernel(layer), bias(layer)], geometry(spec)),
    deconv: (x, layer, spec) => graph.node("ConvTranspose", [x, kernel(layer), bias(layer)], geometry(spec)),
    relu: (x) => graph.node("Relu", [x]),
    add: (a, b) => graph.node("Add", [a, b]),
    scale: (x, factor) => graph.node("Mul", [x, graph.scalar(factor)]),
    concat: (parts) => graph.node("Concat", parts, { axis: 1 }),
    halve: (x) => graph.node("AveragePool", [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    enlarge(x, times) {
      const scales = graph.constant(`times ${times}`, "float", [4], Float32Array.of(1, 1, times, times));
      return graph.node("Resize", [x, "", scales], {
        mode: "linear",
        coordinate_transformation_mode: "half_pixel",
      });
    },
  };
}

/** TensorFlow's `same` on a side that the stride divides, and the transposed convolution that mirrors it. */
function geometry({ kernel, stride }: ConvSpec) {
  const total = Math.max(kernel - stride, 0);
  const before = Math.floor(total / 2);
  const after = total - before;
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [before, before, after, after],
  };
}
