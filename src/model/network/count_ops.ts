import { FLOW_CELL, type NetworkConfig, sizeMultiple } from "./config.ts";
import { mtdn } from "./network.ts";
import type { ConvSpec, Ops } from "./ops.ts";

/** Name and shape of one tensor of weights. */
export interface TensorSpec {
  /** `LAYER.weight` or `LAYER.bias`. */
  readonly name: string;
  /** Sides, slowest first. */
  readonly shape: readonly number[];
}

/** What a network is made of and what it costs. */
export interface NetworkDescription {
  /** Every tensor, in the order in which the network first uses it. */
  readonly tensors: readonly TensorSpec[];
  /** Number of trained values. */
  readonly parameters: number;
  /** Multiply-accumulates for each pixel of the full-size picture, over all scales. */
  readonly macsPerPixel: number;
}

interface Shape {
  readonly height: number;
  readonly width: number;
}

/**
 * Counts the network by interpreting it over shapes. Kernels are `[k, k, in, out]`, transposed ones
 * `[k, k, out, in]` (TensorFlow's layouts), biases `[out]`.
 */
export function describeNetwork(config: NetworkConfig): NetworkDescription {
  const shapes = new Map<string, readonly number[]>();
  let macs = 0;
  const layer = (name: string, spec: ConvSpec, kernel: readonly number[], positions: Shape) => {
    shapes.set(`${name}.weight`, kernel);
    shapes.set(`${name}.bias`, [spec.outChannels]);
    macs += positions.height * positions.width * kernel.reduce((product, side) => product * side, 1);
  };
  const resized = ({ height, width }: Shape, by: number): Shape => ({
    height: height * by,
    width: width * by,
  });
  const ops: Ops<Shape> = {
    conv(x, name, spec) {
      const y = resized(x, 1 / spec.stride);
      layer(name, spec, [spec.kernel, spec.kernel, spec.inChannels, spec.outChannels], y);
      return y;
    },
    deconv(x, name, spec) {
      layer(name, spec, [spec.kernel, spec.kernel, spec.outChannels, spec.inChannels], x);
      return resized(x, spec.stride);
    },
    relu: (x) => x,
    add: (a) => a,
    scale: (x) => x,
    concat: ([first]) => first as Shape,
    halve: (x) => resized(x, 1 / 2),
    enlarge: resized,
  };
  const side = sizeMultiple(config);
  const whole = { height: side, width: side };
  const neighbour = { moved: whole, flow: resized(whole, 1 / FLOW_CELL) };
  mtdn(ops, config, whole, Array.from({ length: config.frames - 1 }, () => neighbour));
  const tensors = [...shapes].map(([name, shape]) => ({ name, shape }));
  const parameters = tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
    0,
  );
  return { tensors, parameters, macsPerPixel: macs / side ** 2 };
}
