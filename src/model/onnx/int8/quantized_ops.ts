import type { Ops } from "../../network/ops.ts";
import type { TensorData } from "../../weights/safetensors.ts";
import { kernelsFirst } from "../kernels_first.ts";
import type { OnnxGraph } from "../onnx_graph.ts";
import { onnxOps } from "../onnx_ops.ts";
import { type LazyValue, LazyValues, once } from "./lazy_value.ts";
import type { Calibration } from "../../weights/calibration.ts";
import { type LayerWeights, QuantizedLayers } from "./quantized_layers.ts";
import { quantizationOf, type QuantizedValue, type Range } from "./quantized_value.ts";

/** Channels of a picture. Transposed convolutions to pictures compute with floats: they are few, and their rounding is seen at once. */
const COLOURS = 3;

/** An interpreter that writes the network down in bytes. */
export interface QuantizedOps extends Ops<LazyValue> {
  /** A value that is there already. */
  known(value: QuantizedValue): LazyValue;
}

/**
 * Writes the network down as nodes of an ONNX graph that compute with bytes, channels last. Values are written when they are
 * asked for: a layer does the ReLU after it, the last layers compute with floats, and the first takes joined values of different scales.
 *
 * @param calibration Its ranges are those of every value, in the order of computing, as `recordedOps` tells them.
 */
export function quantizedOps(
  graph: OnnxGraph,
  tensors: ReadonlyMap<string, TensorData>,
  { ranges, channels: channelRanges }: Pick<Calibration, "ranges" | "channels">,
): QuantizedOps {
  const layers = new QuantizedLayers(graph);
  const lazy = new LazyValues(graph, layers);
  const exact = onnxOps(graph, tensors);
  let values = 0;
  const nextRange = (): Range => {
    const value = ranges[values++];
    if (value === undefined) {
      throw new RangeError(`The network has more values than the ${ranges.length} that were calibrated`);
    }
    return value;
  };
  const tensor = (name: string): TensorData => {
    const found = tensors.get(name);
    if (found === undefined) {
      throw new TypeError(`Cannot write the network as ONNX: no weights named "${name}"`);
    }
    return found;
  };
  const weightsOf = (layer: string): LayerWeights => ({
    kernel: kernelsFirst(tensor(`${layer}.weight`)),
    bias: tensor(`${layer}.bias`).data,
  });
  /** Nodes that leave the scale as it is. */
  const kept = (x: LazyValue, write: (value: QuantizedValue) => string): LazyValue => {
    nextRange();
    return lazy.ofBytes(() => ({ ...x.bytes(), name: write(x.bytes()) }));
  };
  return {
    known: (value) => lazy.ofBytes(() => value),
    conv(x, name, { outChannels, stride }) {
      const most = channelRanges[values];
      const value = lazy.ofLayer(
        outChannels,
        nextRange(),
        (to) =>
          x.joinedOf
            ? layers.convolveJoined(x.joinedOf.map((part) => part.bytes()), weightsOf(name), stride, to)
            : layers.convolve(x.bytes(), weightsOf(name), stride, to),
      );
      if (most === undefined || x.joinedOf) return value;
      const channels = most.map(quantizationOf);
      return {
        ...value,
        floats: once(() => layers.convolveByChannel(x.bytes(), weightsOf(name), stride, channels)),
      };
    },
    deconv(x, name, spec) {
      if (spec.outChannels > COLOURS) {
        const weights = { kernel: tensor(`${name}.weight`), bias: tensor(`${name}.bias`).data };
        return lazy.ofLayer(
          spec.outChannels,
          nextRange(),
          (to) => layers.deconvolve(x.bytes(), weights, spec.stride, to),
        );
      }
      const to = quantizationOf(nextRange());
      return lazy.ofFloats(spec.outChannels, to, () => {
        const planes = graph.node("Transpose", [x.floats()], { perm: [0, 3, 1, 2] });
        return graph.node("Transpose", [exact.deconv(planes, name, spec)], { perm: [0, 2, 3, 1] });
      });
    },
    relu(x) {
      if (x.relu === undefined) {
        throw new TypeError("Cannot write the network in bytes: a ReLU does not follow a layer");
      }
      return x.relu(nextRange());
    },
    add(a, b) {
      const to = quantizationOf(nextRange());
      const floats = once(() => graph.node("Add", [a.floats(), b.floats()]));
      if (a.isExact || b.isExact) return lazy.ofFloats(COLOURS, to, floats);
      const sum = lazy.ofBytes(() => {
        const [x, y] = [a.bytes(), b.bytes()];
        const terms = [x, y].flatMap((term) => [term.name, ...layers.quantization(term)]);
        const name = graph.node("com.microsoft:QLinearAdd", [...terms, ...layers.quantization(to)]);
        return { name, ...to, channels: x.channels };
      });
      return { ...sum, floats };
    },
    scale(x, factor) {
      nextRange();
      return lazy.ofBytes(() => ({ ...x.bytes(), scale: x.bytes().scale * factor }));
    },
    concat(parts) {
      nextRange();
      const apart = () => {
        throw new TypeError("Cannot write the network in bytes: joined values go into no convolution");
      };
      return { joinedOf: parts, bytes: apart, floats: apart };
    },
    halve: (x) => kept(x, (value) => layers.halve(value)),
    enlarge: (x, times) =>
      kept(x, ({ name }) => {
        const scales = graph.constant(
          `times ${times}, channels last`,
          "float",
          [4],
          Float32Array.of(1, times, times, 1),
        );
        return graph.node("Resize", [name, "", scales], {
          mode: "linear",
          coordinate_transformation_mode: "half_pixel",
        });
      }),
  };
}
