import { OnnxGraph } from "../../src/model/onnx/onnx_graph.ts";
import { seededRandom } from "../../tests/helpers/random_weights.ts";

/** Geometry of a convolution in {@linkcode PeerGraph}. */
export interface PeerConv {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  /** @default {1} */
  readonly stride?: number;
  /** @default {1} */
  readonly groups?: number;
  /** @default {true} */
  readonly hasBias?: boolean;
}

/** A value: its name, and how many pixels of the full-size picture a sample of it is wide. */
export interface PeerValue {
  readonly name: string;
  readonly pitch: number;
}

/** A network of someone else's shape with random weights, as ONNX exporters write it: [1, channels, height, width], floats in 0 to 1. */
export class PeerGraph {
  readonly graph = new OnnxGraph();
  readonly picture: PeerValue;
  /** Multiply-accumulates for each pixel so far. */
  macsPerPixel = 0;
  /** Trained values so far. */
  parameters = 0;
  readonly #random = seededRandom(1);

  constructor() {
    this.picture = { name: this.graph.input("picture", "float", [1, 3, "height", "width"]), pitch: 1 };
  }

  node(
    opType: string,
    inputs: readonly PeerValue[],
    ...rest: Parameters<OnnxGraph["node"]> extends [unknown, unknown, ...infer R] ? R : never
  ): PeerValue {
    const [{ pitch } = this.picture] = inputs;
    return { name: this.graph.node(opType, inputs.map(({ name }) => name), ...rest), pitch };
  }

  /** A trained constant of random values that keep what passes through of about its size. */
  weights(shape: readonly number[], spread: number): PeerValue {
    const count = shape.reduce((product, side) => product * side, 1);
    const data = Float32Array.from({ length: count }, () => spread * (2 * this.#random() - 1));
    const name = `weights ${this.parameters}`;
    this.parameters += count;
    return { name: this.graph.constant(name, "float", shape, data), pitch: 1 };
  }

  conv(x: PeerValue, spec: PeerConv): PeerValue {
    const { inChannels, outChannels, kernel, stride = 1, groups = 1, hasBias = true } = spec;
    const inputs = inChannels / groups;
    const spread = 1 / Math.sqrt(inputs * kernel ** 2);
    const trained = [this.weights([outChannels, inputs, kernel, kernel], spread)];
    if (hasBias) trained.push(this.weights([outChannels], 0.01));
    const before = Math.floor((kernel - (kernel % 2 === 0 ? stride : 1)) / 2);
    const y = this.node("Conv", [x, ...trained], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [before, before, before, before],
      group: groups,
    });
    const pitch = x.pitch * stride;
    this.macsPerPixel += outChannels * inputs * kernel ** 2 / pitch ** 2;
    return { ...y, pitch };
  }

  /** A transposed convolution that enlarges `stride` times. */
  deconv(x: PeerValue, { inChannels, outChannels, kernel, stride = 2 }: PeerConv): PeerValue {
    const spread = 1 / Math.sqrt(inChannels * kernel ** 2 / stride ** 2);
    const trained = [
      this.weights([inChannels, outChannels, kernel, kernel], spread),
      this.weights([outChannels], 0.01),
    ];
    const pad = (kernel - stride) / 2;
    const y = this.node("ConvTranspose", [x, ...trained], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
    this.macsPerPixel += inChannels * outChannels * kernel ** 2 / x.pitch ** 2;
    return { ...y, pitch: x.pitch / stride };
  }

  add(a: PeerValue, b: PeerValue): PeerValue {
    return this.node("Add", [a, b]);
  }

  mul(a: PeerValue, b: PeerValue): PeerValue {
    return this.node("Mul", [a, b]);
  }

  relu(x: PeerValue): PeerValue {
    return this.node("Relu", [x]);
  }

  number(value: number): PeerValue {
    return { name: this.graph.scalar(value), pitch: 1 };
  }

  /** A constant of whole numbers, as ONNX takes shapes and places. */
  int64(values: readonly number[]): PeerValue {
    const data = BigInt64Array.from(values, BigInt);
    return { name: this.graph.constant(`int64 ${values}`, "int64", [values.length], data), pitch: 1 };
  }

  /** Makes the file. */
  toModel(name: string, result: PeerValue): Uint8Array<ArrayBuffer> {
    this.graph.output("result", result.name, "float", [1, 3, "height", "width"]);
    return this.graph.toModel(name);
  }
}
