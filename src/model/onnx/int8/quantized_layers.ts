import type { TensorData } from "../../weights/safetensors.ts";
import type { OnnxGraph } from "../onnx_graph.ts";
import { type ConvKernel, deconvAsConv, deconvPhases } from "./deconv_kernels.ts";
import { foldKernel } from "./fold_kernel.ts";
import { quantizeKernel } from "./quantize_kernel.ts";
import type { Quantization, QuantizedValue } from "./quantized_value.ts";

/** A layer's weights. */
export interface LayerWeights {
  /** `[out, in, k, k]` of a convolution, `[k, k, out, in]` of a transposed one. */
  readonly kernel: TensorData;
  /** One for each output channel. */
  readonly bias: Float32Array;
}

/** How a convolution moves over its input. */
interface Geometry {
  readonly strides: readonly [down: number, right: number];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
}

/** Transposed convolutions of no more output channels than this, over all places of a block, are computed in one pass. */
const FEW_CHANNELS = 64;

/** What a sum of bytes has as its scale and zero once both are part of the kernel. */
const PLAIN = { scale: 1, zero: 0 };

/**
 * Writes layers down that compute with bytes: `[1, height, width, channels]`, every channel of a pixel beside the next. Kernels are rounded to
 * bytes here. ONNX's own QLinearConv has the channels first; ONNX Runtime's takes both.
 */
export class QuantizedLayers {
  readonly #graph: OnnxGraph;
  #kernels = 0;

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
  }

  /** A convolution padded as TensorFlow's `same`. */
  convolve(x: QuantizedValue, { kernel, bias }: LayerWeights, stride: number, to: Quantization): string {
    const total = Math.max((kernel.shape[2] ?? 0) - stride, 0);
    const before = Math.floor(total / 2);
    const pads = [before, before, total - before, total - before];
    return this.#convolution(x, kernel, this.#biases(bias), to, { strides: [stride, stride], pads });
  }

  /** The same over values that are joined channel by channel, each with a scale of its own. */
  convolveJoined(
    parts: readonly QuantizedValue[],
    { kernel, bias }: LayerWeights,
    stride: number,
    to: Quantization,
  ): string {
    const graph = this.#graph;
    const total = Math.max((kernel.shape[2] ?? 0) - stride, 0);
    const before = Math.floor(total / 2);
    const right = stride === 1 ? total - before : stride - before; // up to a whole number of strides
    const pads = this.shape([0, before, before, 0, 0, total - before, right, 0]);
    const lines = parts.map((part) => {
      const padded = graph.node("Pad", [part.name, pads, this.byte(part.zero)]);
      return stride === 1 ? padded : this.#reshape(padded, [0, 0, -1, stride * part.channels]);
    });
    const folded = foldKernel(kernel, stride, parts);
    const x = { ...PLAIN, name: graph.node("Concat", lines, { axis: 3 }), channels: folded.zeros.length };
    const geometry = { strides: [stride, 1], pads: [0, 0, 0, 0] } as const;
    return this.#convolution(x, folded.kernel, this.#biases(bias, folded.zeros), to, geometry, folded.order);
  }

  /**
   * A transposed convolution, whose output is `stride` times larger.
   *
   * @param terms What it takes is their sum.
   */
  deconvolve(
    terms: readonly [QuantizedValue, ...QuantizedValue[]],
    { kernel, bias }: LayerWeights,
    stride: number,
    to: Quantization,
  ): string {
    const graph = this.#graph;
    const [x] = terms;
    const [, , outChannels = 0] = kernel.shape;
    const times = graph.node("Mul", [graph.node("Shape", [x.name]), this.shape([1, stride, stride, 0])]);
    const whole = graph.node("Add", [times, this.shape([0, 0, 0, outChannels])]);
    if (QuantizedLayers.isOnePass(outChannels, stride)) {
      const { kernel: once } = deconvAsConv(kernel, stride);
      const all = { kernel: repeatInputs(once, terms.length), bias };
      const blocks = terms.length === 1 ? this.convolve(x, all, 1, to) : this.convolveJoined(terms, all, 1, to);
      const lines = this.#reshape(blocks, [0, 0, -1, stride, stride * outChannels]);
      return graph.node("Reshape", [graph.node("Transpose", [lines], { perm: [0, 1, 3, 2, 4] }), whole]);
    }
    const phase = ({ kernel, pads }: ConvKernel) =>
      this.#convolution(x, kernel, this.#biases(bias), to, { strides: [1, 1], pads });
    const phases = deconvPhases(kernel, stride).map(phase);
    const lines = Array.from({ length: stride }, (_, y) => {
      const line = graph.node("Concat", phases.slice(y * stride, (y + 1) * stride), { axis: 3 });
      return this.#reshape(line, [0, 0, 1, -1]);
    });
    return graph.node("Reshape", [graph.node("Concat", lines, { axis: 2 }), whole]);
  }

  /** Whether a transposed convolution is computed in one pass, and so can take a sum that is not rounded before. */
  static isOnePass(outChannels: number, stride: number): boolean {
    return outChannels * stride ** 2 <= FEW_CHANNELS;
  }

  /** Scale and zero as nodes take them. */
  quantization({ scale, zero }: Quantization): [scale: string, zero: string] {
    return [this.#graph.scalar(scale), this.byte(zero)];
  }

  byte(value: number): string {
    return this.#graph.constant(`byte ${value}`, "uint8", [], Uint8Array.of(value));
  }

  shape(sides: readonly number[]): string {
    return this.#graph.constant(`shape ${sides}`, "int64", [sides.length], BigInt64Array.from(sides, BigInt));
  }

  #reshape(x: string, sides: readonly number[]): string {
    return this.#graph.node("Reshape", [x, this.shape(sides)]);
  }

  #convolution(
    x: QuantizedValue,
    kernel: TensorData,
    biases: Biases,
    to: Quantization,
    { strides, pads }: Geometry,
    order?: Uint32Array,
  ): string {
    const graph = this.#graph;
    const rounded = quantizeKernel(kernel, order);
    const [out = 0, , height = 0, width = 0] = rounded.shape;
    const name = `kernel ${this.#kernels++}`;
    return graph.node("com.microsoft:QLinearConv", [
      x.name,
      ...this.quantization(x),
      graph.constant(name, "int8", rounded.shape, rounded.data),
      graph.constant(`${name} scales`, "float", [out], rounded.scales),
      graph.constant(`${name} zeros`, "int8", [out], new Int8Array(out)),
      ...this.quantization(to),
      graph.constant(`${name} bias`, "int32", [out], biases(rounded.data, rounded.scales, x.scale)),
    ], { kernel_shape: [height, width], strides, pads, channels_last: 1 });
  }

  /** @param zeros What stands for 0 in each input, where the node itself cannot be told. */
  #biases(bias: Float32Array, zeros?: Uint8Array): Biases {
    return (kernel, scales, inputScale) => {
      const taps = kernel.length / scales.length;
      return Int32Array.from(scales, (scale, out) => {
        let sum = (bias[out % bias.length] ?? 0) / (inputScale * scale);
        if (zeros !== undefined) {
          for (let i = 0; i < taps; i++) {
            sum -= (kernel[out * taps + i] ?? 0) * (zeros[Math.floor(i * zeros.length / taps)] ?? 0);
          }
        }
        return Math.round(sum);
      });
    };
  }
}

/** Biases in units of a kernel's sums. */
type Biases = (kernel: Int8Array, scales: Float32Array, inputScale: number) => Int32Array<ArrayBuffer>;

/** A kernel `[out, in, k, k]` for `times` values that are to be summed, joined channel by channel. */
function repeatInputs({ shape, data }: TensorData, times: number): TensorData {
  const [out = 0, inner = 0, ...sides] = shape;
  const taps = data.length / out;
  const repeated = new Float32Array(data.length * times);
  for (let i = 0; i < out * times; i++) {
    const from = Math.floor(i / times) * taps;
    repeated.set(data.subarray(from, from + taps), i * taps);
  }
  return { shape: [out, inner * times, ...sides], data: repeated };
}
