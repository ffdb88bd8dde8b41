import type { ConvSpec, Ops } from "../network/ops.ts";
import type { TensorData } from "../weights/safetensors.ts";
import { ONNX_TYPES, type OnnxGraph } from "./onnx_graph.ts";
import { onnxOps } from "./onnx_ops.ts";

/** Channels of a picture. */
const COLOURS = 3;

/**
 * Writes the network down with layers that take and give float16. Pictures stay float, and so does all that is done with them: what a layer of
 * three channels gives is added to the blurry picture, which is not rounded.
 *
 * @param isEmulated Layers compute with float, and weights and results are rounded to float16: ONNX Runtime's processor provider has no
 * float16 kernels, and by itself would leave out the rounding between layers.
 */
export function halfOps(
  graph: OnnxGraph,
  tensors: ReadonlyMap<string, TensorData>,
  isEmulated: boolean,
): Ops<string> {
  const pictures = onnxOps(graph, tensors);
  const layers = isEmulated ? onnxOps(graph, rounded(tensors)) : onnxOps(graph, tensors, "float16");
  const cast = (x: string, type: "float" | "float16") => graph.node("Cast", [x], { to: ONNX_TYPES[type] });
  /** The values that are float16, or float with the precision of float16. */
  const halves = new Set<string>();
  const areHalves = (...values: string[]) => values.every((x) => halves.has(x));
  const marked = (x: string) => {
    halves.add(x);
    return x;
  };
  const round = (x: string) => marked(cast(cast(x, "float16"), "float"));
  const result = (x: string) => isEmulated ? round(x) : marked(x);
  const toHalf = (x: string) => {
    if (areHalves(x)) return x;
    return isEmulated ? round(x) : marked(cast(x, "float16"));
  };
  const toFloat = (x: string) => areHalves(x) && !isEmulated ? cast(x, "float") : x;
  const layer = (kind: "conv" | "deconv") => (x: string, name: string, spec: ConvSpec) => {
    const made = layers[kind](toHalf(x), name, spec);
    if (spec.outChannels !== COLOURS) return result(made);
    return isEmulated ? cast(cast(made, "float16"), "float") : cast(made, "float");
  };
  return {
    conv: layer("conv"),
    deconv: layer("deconv"),
    relu: (x) => areHalves(x) ? marked(layers.relu(x)) : pictures.relu(x),
    add: (a, b) => areHalves(a, b) ? result(layers.add(a, b)) : pictures.add(toFloat(a), toFloat(b)),
    concat: (parts) => pictures.concat(parts.map(toFloat)),
    scale: (x, factor) => pictures.scale(toFloat(x), factor),
    halve: (x) => pictures.halve(toFloat(x)),
    enlarge: (x, times) => pictures.enlarge(toFloat(x), times),
  };
}

function rounded(tensors: ReadonlyMap<string, TensorData>): Map<string, TensorData> {
  return new Map(
    Array.from(
      tensors,
      ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(Float16Array.from(data)) }],
    ),
  );
}
