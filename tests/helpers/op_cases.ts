import assert from "node:assert/strict";
import type { Ops } from "../../src/model/network/ops.ts";
import { createRandom } from "../../src/train/random.ts";

/** Sides of a tensor `[batch, height, width, channels]`. */
export type Shape = readonly [number, number, number, number];

/** One operation of {@linkcode Ops}, with what it takes. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly Shape[];
  /** Weights by name. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  readonly apply: <T>(ops: Ops<T>, inputs: readonly T[]) => T;
}

/** Every operation that has a gradient. */
export const OP_CASES: readonly OpCase[] = [
  convolution(3, 1),
  convolution(3, 2),
  convolution(7, 4),
  transposed(4, 2),
  transposed(8, 4),
  { name: "relu", inputs: [[1, 3, 3, 2]], apply: (ops, x) => ops.relu(first(x)) },
  { name: "add", inputs: [[1, 3, 3, 2], [1, 3, 3, 2]], apply: (ops, x) => ops.add(first(x), second(x)) },
  {
    name: "concat",
    inputs: [[1, 3, 3, 2], [1, 3, 3, 1]],
    apply: (ops, x) => ops.concat([first(x), second(x)]),
  },
  { name: "scale", inputs: [[1, 3, 3, 2]], apply: (ops, x) => ops.scale(first(x), -0.7) },
  { name: "halve", inputs: [[1, 4, 6, 2]], apply: (ops, x) => ops.halve(first(x)) },
];

/** Values in ±1, none so near 0 that a change by 0.05 makes it cross ReLU's corner. */
export function valuesOffZero(count: number, ...keys: string[]): Float32Array<ArrayBuffer> {
  const random = createRandom(5, ...keys);
  return Float32Array.from({ length: count }, () => (0.1 + 0.9 * random()) * (random() < 0.5 ? -1 : 1));
}

/** Values that a tensor has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function convolution(kernel: number, stride: number): OpCase {
  return {
    name: `conv ${kernel} / ${stride}`,
    inputs: [[1, 8, 4, 2]],
    weights: { "a.weight": [kernel, kernel, 2, 3], "a.bias": [3] },
    apply: (ops, inputs) => ops.conv(first(inputs), "a", { inChannels: 2, outChannels: 3, kernel, stride }),
  };
}

function transposed(kernel: number, stride: number): OpCase {
  return {
    name: `deconv ${kernel} / ${stride}`,
    inputs: [[1, 3, 2, 2]],
    weights: { "a.weight": [kernel, kernel, 3, 2], "a.bias": [3] },
    apply: (ops, inputs) => ops.deconv(first(inputs), "a", { inChannels: 2, outChannels: 3, kernel, stride }),
  };
}

function first<T>(inputs: readonly T[]): T {
  return inputs[0] ?? assert.fail("there is an input");
}

function second<T>(inputs: readonly T[]): T {
  return inputs[1] ?? assert.fail("there are two inputs");
}
