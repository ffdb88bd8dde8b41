/** Geometry of one convolution or transposed convolution. */
export interface ConvSpec {
  /** Channels of what comes in. */
  readonly inChannels: number;
  /** Channels of what comes out. */
  readonly outChannels: number;
  /** Side of the square kernel, taps. */
  readonly kernel: number;
  /** Step between output pixels (convolution) or input pixels (transposed convolution). */
  readonly stride: number;
}

/**
 * What a network is written in. An interpreter gives `T` a meaning: a tensor that is computed (`tfjs_ops.ts`),
 * a value of an ONNX graph that is written down (`onnx_ops.ts`), a shape that is counted (`count_ops.ts`).
 * Layers are named; the interpreter knows their weights `NAME.weight` and `NAME.bias`. Convolutions pad as
 * TensorFlow's `same`: a side divisible by the stride needs `max(kernel - stride, 0)` rows, the smaller half first.
 */
export interface Ops<T> {
  /** `kernel` × `kernel` convolution plus bias. */
  conv(x: T, layer: string, spec: ConvSpec): T;
  /** Transposed convolution plus bias: the output is `stride` times larger. */
  deconv(x: T, layer: string, spec: ConvSpec): T;
  /** max(x, 0). */
  relu(x: T): T;
  /** Sum of two of one shape. */
  add(a: T, b: T): T;
  /** `factor` times every value. */
  scale(x: T, factor: number): T;
  /** Joins channels. */
  concat(parts: readonly T[]): T;
  /** Half the size: mean of each 2 × 2 pixels. */
  halve(x: T): T;
  /** `times` the size: bilinear, half-pixel centres, edges repeated. Carries no gradient. */
  enlarge(x: T, times: number): T;
}
