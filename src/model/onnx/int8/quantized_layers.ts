import type { TensorData } from "../../weights/safetensors.ts";
import type { OnnxGraph } from "../onnx_graph.ts";
import { deconvPhases } from "./deconv_kernels.ts";
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

/** What a sum of bytes has as its scale and zero once both are part of the kernel. */
const PLAIN = { scale: 1, zero: 0 };
/** A byte that stands for a quarter. */
const QUARTER = 64;

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

  /**
   * The same, given as floats: rounded to bytes, each channel on its own.
   *
   * @param channels How bytes stand for the numbers of each channel.
   */
  convolveByChannel(
    x: QuantizedValue,
    { kernel, bias }: LayerWeights,
    stride: number,
    channels: readonly Quantization[],
  ): string {
    const graph = this.#graph;
    const taps = kernel.data.length / bias.length;
    const data = kernel.data.map((value, i) => value / (channels[Math.floor(i / taps)]?.scale ?? 1));
    const shifted = Float32Array.from(channels, ({ scale, zero }, i) => (bias[i] ?? 0) / scale + zero);
    const bytes = this.convolve(x, { kernel: { shape: kernel.shape, data }, bias: shifted }, stride, PLAIN);
    const constant = (what: string, values: Float32Array<ArrayBuffer>) =>
      graph.constant(`channels ${this.#kernels} ${what}`, "float", [values.length], values);
    const scales = constant("scales", Float32Array.from(channels, ({ scale }) => scale));
    const zeros = constant("zeros", Float32Array.from(channels, ({ zero }) => zero));
    // The same as DequantizeLinear by channel, which takes three times as long where channels come last.
    const floats = graph.node("DequantizeLinear", [bytes, ...this.quantization(PLAIN)]);
    return graph.node("Mul", [graph.node("Sub", [floats, zeros]), scales]);
  }

  /** Means of 2 x 2 pixels, of the same scale, by a convolution: QLinearAveragePool gives the same and takes many times as long. */
  halve(x: QuantizedValue): string {
    const { channels } = x;
    const graph = this.#graph;
    const taps = 4;
    const kernel = Int8Array.from({ length: channels * channels * taps }, (_, i) => {
      const [out, from] = [Math.floor(i / taps / channels), Math.floor(i / taps) % channels];
      return out === from ? QUARTER : 0;
    });
    const name = `mean of ${channels}`;
    return graph.node("com.microsoft:QLinearConv", [
      x.name,
      ...this.quantization(x),
      graph.constant(name, "int8", [channels, channels, 2, 2], kernel),
      graph.scalar(1 / taps / QUARTER),
      graph.constant("byte zero", "int8", [], new Int8Array(1)),
      ...this.quantization(x),
    ], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], channels_last: 1 });
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

  /** A transposed convolution, whose output is `stride` times larger, phase by phase. */
  deconvolve(x: QuantizedValue, { kernel, bias }: LayerWeights, stride: number, to: Quantization): string {
    const graph = this.#graph;
    const [, , outChannels = 0] = kernel.shape;
    const phases = deconvPhases(kernel, stride).map(({ kernel, pads }) =>
      this.#convolution(x, kernel, this.#biases(bias), to, { strides: [1, 1], pads })
    );
    const lines = Array.from({ length: stride }, (_, y) => {
      const line = graph.node("Concat", phases.slice(y * stride, (y + 1) * stride), { axis: 3 });
      return this.#reshape(line, [0, 0, 1, -1]);
    });
    const times = graph.node("Mul", [graph.node("Shape", [x.name]), this.shape([1, stride, stride, 0])]);
    const whole = graph.node("Add", [times, this.shape([0, 0, 0, outChannels])]);
    return graph.node("Reshape", [graph.node("Concat", lines, { axis: 2 }), whole]);
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
