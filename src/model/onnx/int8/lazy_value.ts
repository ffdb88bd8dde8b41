import type { OnnxGraph } from "../onnx_graph.ts";
import type { QuantizedLayers } from "./quantized_layers.ts";
import { type Quantization, quantizationOf, type QuantizedValue, type Range } from "./quantized_value.ts";

/** A value of the network. What is made of it decides whether and how it is written down. */
export interface LazyValue {
  /** The value in bytes. */
  bytes(): QuantizedValue;
  /** The value as floats, `[1, height, width, channels]`; sums are not rounded again. */
  floats(): string;
  /** What the value becomes when all below 0 is cut off, given the range of the rest. Layers do that by themselves. */
  relu?(range: Range): LazyValue;
  /** Whether it was computed with floats. @default {false} */
  readonly isExact?: boolean;
  /** The values that are joined in it. */
  readonly joinedOf?: readonly LazyValue[];
}

/** Writes values of a graph down once, when they are first asked for. */
export class LazyValues {
  readonly #graph: OnnxGraph;
  readonly #layers: QuantizedLayers;

  constructor(graph: OnnxGraph, layers: QuantizedLayers) {
    [this.#graph, this.#layers] = [graph, layers];
  }

  /** A value in bytes. */
  ofBytes(make: () => QuantizedValue): LazyValue {
    const bytes = once(make);
    const floats = once(() => {
      const value = bytes();
      return this.#graph.node("DequantizeLinear", [value.name, ...this.#layers.quantization(value)]);
    });
    return { bytes, floats };
  }

  /** A value as floats. @param to How bytes will stand for it. */
  ofFloats(channels: number, to: Quantization, make: () => string): LazyValue {
    const floats = once(make);
    const bytes = once(() => {
      const name = this.#graph.node("QuantizeLinear", [floats(), ...this.#layers.quantization(to)]);
      return { ...to, name, channels };
    });
    return { bytes, floats, isExact: true };
  }

  /** What a layer gives. @param write Writes it down, rounded in some way. */
  ofLayer(channels: number, range: Range, write: (to: Quantization) => string): LazyValue {
    const within = (range: Range): LazyValue => {
      const to = quantizationOf(range);
      return this.ofBytes(() => ({ name: write(to), ...to, channels }));
    };
    return { ...within(range), relu: within };
  }
}

/** Calls `make` when the result is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
