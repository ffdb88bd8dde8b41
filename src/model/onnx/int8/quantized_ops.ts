import type { Ops } from "../../network/ops.ts";
import type { TensorData } from "../../weights/safetensors.ts";
import { kernelsFirst } from "../kernels_first.ts";
import type { OnnxGraph } from "../onnx_graph.ts";
import { type LayerWeights, QuantizedLayers } from "./quantized_layers.ts";
import { type Quantization, quantizationOf, type QuantizedValue, type Range } from "./quantized_value.ts";

/** A value of the network. What is made of it decides whether and how it is written down. */
export interface LazyValue {
  /** The value in bytes. */
  bytes(): QuantizedValue;
  /** The value as floats, `[1, height, width, channels]`; sums are not rounded again. */
  floats(): string;
  /** What the value becomes when all below 0 is cut off, given the range of the rest. Layers do that by themselves. */
  relu?(range: Range): LazyValue;
  /** The values that it is the sum of, or that are joined in it. */
  readonly sumOf?: readonly [LazyValue, LazyValue];
  readonly joinedOf?: readonly LazyValue[];
}

/** An interpreter that writes the network down in bytes. */
export interface QuantizedOps extends Ops<LazyValue> {
  /** A value that is there already. */
  known(value: QuantizedValue): LazyValue;
}

/**
 * Writes the network down as nodes of an ONNX graph that compute with bytes, channels last. Values are written when they are
 * asked for: a layer does the ReLU after it, the last layers take sums unrounded, and the first takes joined values of different scales.
 *
 * @param ranges Of every value, in the order of computing, as `recordedOps` tells them.
 */
export function quantizedOps(
  graph: OnnxGraph,
  tensors: ReadonlyMap<string, TensorData>,
  ranges: readonly Range[],
): QuantizedOps {
  const layers = new QuantizedLayers(graph);
  const remaining = ranges.values();
  const nextRange = (): Range => {
    const { value } = remaining.next();
    if (value === undefined) throw new RangeError(`The network has more values than the ${ranges.length} that were calibrated`);
    return value;
  };
  const tensor = (name: string): TensorData => {
    const found = tensors.get(name);
    if (found === undefined) throw new TypeError(`Cannot write the network as ONNX: no weights named "${name}"`);
    return found;
  };
  const weightsOf = (layer: string): LayerWeights => ({
    kernel: kernelsFirst(tensor(`${layer}.weight`)),
    bias: tensor(`${layer}.bias`).data,
  });
  const known = (value: QuantizedValue): LazyValue => lazily(() => value);
  const lazily = (make: () => QuantizedValue): LazyValue => {
    let made: QuantizedValue | undefined;
    const bytes = () => made ??= make();
    const floats = () => graph.node("DequantizeLinear", [bytes().name, ...layers.quantization(bytes())]);
    return { bytes, floats };
  };
  const layer = (channels: number, write: (to: Quantization) => string): LazyValue => {
    const within = (range: Range) => {
      const to = quantizationOf(range);
      return lazily(() => ({ name: write(to), ...to, channels }));
    };
    return { ...within(nextRange()), relu: within };
  };
  /** Nodes that leave the scale as it is. */
  const kept = (x: LazyValue, write: (value: QuantizedValue) => string): LazyValue => {
    nextRange();
    return lazily(() => ({ ...x.bytes(), name: write(x.bytes()) }));
  };
  return {
    known,
    conv: (x, name, { outChannels, stride }) =>
      layer(outChannels, (to) =>
        x.joinedOf
          ? layers.convolveJoined(x.joinedOf.map((part) => part.bytes()), weightsOf(name), stride, to)
          : layers.convolve(x.bytes(), weightsOf(name), stride, to)),
    deconv: (x, name, { outChannels, stride }) =>
      layer(outChannels, (to) => {
        const weights = { kernel: tensor(`${name}.weight`), bias: tensor(`${name}.bias`).data };
        const [a, b] = x.sumOf ?? [];
        const isSummedHere = a !== undefined && b !== undefined && QuantizedLayers.isOnePass(outChannels, stride);
        const terms = isSummedHere ? [a.bytes(), b.bytes()] as const : [x.bytes()] as const;
        return layers.deconvolve(terms, weights, stride, to);
      }),
    relu(x) {
      if (x.relu === undefined) throw new TypeError("Cannot write the network in bytes: a ReLU does not follow a layer");
      return x.relu(nextRange());
    },
    add(a, b) {
      const to = quantizationOf(nextRange());
      const sum = lazily(() => {
        const [x, y] = [a.bytes(), b.bytes()];
        const terms = [x, y].flatMap((term) => [term.name, ...layers.quantization(term)]);
        const name = graph.node("com.microsoft:QLinearAdd", [...terms, ...layers.quantization(to)]);
        return { name, ...to, channels: x.channels };
      });
      return { ...sum, sumOf: [a, b], floats: () => graph.node("Add", [a.floats(), b.floats()]) };
    },
    scale(x, factor) {
      nextRange();
      return lazily(() => ({ ...x.bytes(), scale: x.bytes().scale * factor }));
    },
    concat(parts) {
      nextRange();
      const apart = () => {
        throw new TypeError("Cannot write the network in bytes: joined values go into no convolution");
      };
      return { joinedOf: parts, bytes: apart, floats: apart };
    },
    halve: (x) =>
      kept(x, (value) => {
        const same = layers.quantization(value);
        return graph.node("com.microsoft:QLinearAveragePool", [value.name, ...same, ...same], {
          kernel_shape: [2, 2],
          strides: [2, 2],
          channels_last: 1,
        });
      }),
    enlarge: (x, times) =>
      kept(x, ({ name }) => {
        const scales = graph.constant(`times ${times}, channels last`, "float", [4], Float32Array.of(1, times, times, 1));
        return graph.node("Resize", [name, "", scales], {
          mode: "linear",
          coordinate_transformation_mode: "half_pixel",
        });
      }),
  };
}
