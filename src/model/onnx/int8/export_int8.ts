import { sizeMultiple } from "../../network/config.ts";
import { mtdn } from "../../network/network.ts";
import type { Weights } from "../../weights/weights.ts";
import type { Calibration } from "../../weights/calibration.ts";
import { NEIGHBOURS, withDetail } from "../export_onnx.ts";
import { OnnxGraph } from "../onnx_graph.ts";
import { QuantizedLayers } from "./quantized_layers.ts";
import { quantizedOps } from "./quantized_ops.ts";
import { quantizationOf } from "./quantized_value.ts";

/** How far a flow can point, in pixels: block flow searches ±48 pixels, then refines. */
const FARTHEST = 64;

/**
 * The network as the bytes of an ONNX file that computes with bytes: for ONNX Runtime on a processor, whose own operators it uses. Inputs
 * and outputs are those of `exportOnnx` at 8 bits without branches.
 */
export function exportInt8(
  { config, tensors }: Pick<Weights, "config" | "tensors">,
  { ranges, channels, shift }: Pick<Calibration, "ranges" | "channels" | "shift">,
): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const layers = new QuantizedLayers(graph);
  const ops = quantizedOps(graph, tensors, { ranges, channels });
  const shape = [1, "height", "width", 3];
  const sample = quantizationOf([0, 1]);
  const picture = (name: string) =>
    ops.known({ name: graph.input(name, "uint8", shape), ...sample, channels: 3 });
  const blurry = picture("picture");
  const detail = graph.input("detail", "float", []);
  const pixels = quantizationOf([-FARTHEST, FARTHEST]);
  const neighbours = NEIGHBOURS.slice(0, config.frames - 1).map((names) => {
    const moved = picture(names.picture);
    const flow = graph.input(names.flow, "float", [1, "rows", "columns", 2]);
    const name = graph.node("QuantizeLinear", [flow, ...layers.quantization(pixels)]);
    return { moved, flow: ops.known({ name, ...pixels, channels: 2 }) };
  });
  const finest = mtdn(ops, config, blurry, neighbours).at(-1);
  if (finest === undefined) throw new RangeError(`Cannot write a network of ${config.scales} scales as ONNX`);
  const { up, down } = finest;
  const shifted = addToPixels(graph, up.floats(), shift, sizeMultiple(config));
  const restored = down === undefined ? shifted : graph.node("Add", [shifted, down.floats()]);
  const image = withDetail(graph, restored, blurry.floats(), detail);
  graph.output(
    "image",
    graph.node("QuantizeLinear", [image, ...layers.quantization(sample)]),
    "uint8",
    shape,
  );
  return graph.toModel("mtdn");
}

/** Adds a number to each channel, of many pixels of a line at once: of three numbers at a time, adding takes many times as long. */
function addToPixels(graph: OnnxGraph, x: string, channels: readonly number[], pixels: number): string {
  const reshape = (from: string, last: number[]) => {
    const sides = BigInt64Array.from([0, 0, ...last], BigInt);
    return graph.node("Reshape", [from, graph.constant(`pixels ${last}`, "int64", [sides.length], sides)]);
  };
  const line = Float32Array.from(
    { length: pixels * channels.length },
    (_, i) => channels[i % channels.length] ?? 0,
  );
  const added = graph.node("Add", [
    reshape(x, [-1, line.length]),
    graph.constant("shift", "float", [line.length], line),
  ]);
  return reshape(added, [-1, channels.length]);
}
