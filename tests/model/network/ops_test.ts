import assert from "node:assert/strict";
import type { TensorData } from "../../../src/model/weights/safetensors.ts";
import { type Expression, runOnnx, runTfjs, type Values } from "../../helpers/run_ops.ts";

const interpreters = { tfjsOps: runTfjs, onnxOps: runOnnx };

function tensors(
  record: Record<string, readonly [shape: number[], data: number[]]>,
): Map<string, TensorData> {
  return new Map(
    Object.entries(record).map(([name, [shape, data]]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

function values(height: number, width: number, channels: number, data: number[]): Values {
  return { shape: [height, width, channels], data: Float32Array.from(data) };
}

const ones = (count: number) => Array.from({ length: count }, () => 1);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

interface Case {
  readonly criterion: string;
  readonly weights?: ReadonlyMap<string, TensorData>;
  readonly input: Values;
  readonly expression: Expression;
  readonly expected: Values;
}

const CASES: readonly Case[] = [
  {
    criterion: "a 3 × 3 convolution surrounds the picture with zeros and adds its bias",
    weights: tensors({ "a.weight": [[3, 3, 1, 1], ones(9)], "a.bias": [[1], [0.5]] }),
    input: values(2, 3, 1, [1, 2, 3, 4, 5, 6]),
    expression: (ops, x) => ({
      y: ops.conv(x, "a", { inChannels: 1, outChannels: 1, kernel: 3, stride: 1 }),
    }),
    expected: values(2, 3, 1, [12.5, 21.5, 16.5, 12.5, 21.5, 16.5]),
  },
  {
    criterion: "a kernel's first side is rows: a tap above the centre moves the picture down",
    weights: tensors({ "a.weight": [[3, 3, 1, 1], [0, 1, 0, 0, 0, 0, 0, 0, 0]], "a.bias": [[1], [0]] }),
    input: values(2, 2, 1, [1, 2, 3, 4]),
    expression: (ops, x) => ({
      y: ops.conv(x, "a", { inChannels: 1, outChannels: 1, kernel: 3, stride: 1 }),
    }),
    expected: values(2, 2, 1, [0, 0, 1, 2]),
  },
  {
    criterion: "a 3 × 3 convolution of stride 2 pads the lower right only",
    weights: tensors({ "a.weight": [[3, 3, 1, 1], ones(9)], "a.bias": [[1], [0]] }),
    input: values(4, 4, 1, upTo(16)),
    expression: (ops, x) => ({
      y: ops.conv(x, "a", { inChannels: 1, outChannels: 1, kernel: 3, stride: 2 }),
    }),
    expected: values(2, 2, 1, [54, 45, 72, 54]),
  },
  {
    criterion: "a 7 × 7 convolution of stride 4 pads one before and two after",
    weights: tensors({ "a.weight": [[7, 7, 1, 1], ones(49)], "a.bias": [[1], [0]] }),
    // Each pixel holds its column: columns 0 … 5 and 3 … 7, over rows 0 … 5 and 3 … 7.
    input: values(8, 8, 1, Array.from({ length: 64 }, (_, i) => i % 8)),
    expression: (ops, x) => ({
      y: ops.conv(x, "a", { inChannels: 1, outChannels: 1, kernel: 7, stride: 4 }),
    }),
    expected: values(2, 2, 1, [6 * 15, 6 * 25, 5 * 15, 5 * 25]),
  },
  {
    criterion: "a kernel's third side is the channels it reads, its fourth those it writes",
    weights: tensors({ "a.weight": [[1, 1, 2, 3], [1, 2, 3, 4, 5, 6]], "a.bias": [[3], [0, 0, 0]] }),
    input: values(1, 1, 2, [1, 10]),
    expression: (ops, x) => ({
      y: ops.conv(x, "a", { inChannels: 2, outChannels: 3, kernel: 1, stride: 1 }),
    }),
    expected: values(1, 1, 3, [41, 52, 63]),
  },
  {
    criterion: "a transposed 4 × 4 convolution of stride 2 drops one line on each side",
    weights: tensors({
      "a.weight": [[4, 4, 1, 1], [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33]],
      "a.bias": [[1], [0.5]],
    }),
    input: values(1, 2, 1, [1, 100]),
    expression: (ops, x) => ({
      y: ops.deconv(x, "a", { inChannels: 1, outChannels: 1, kernel: 4, stride: 2 }),
    }),
    expected: values(2, 4, 1, [11.5, 1012.5, 1113.5, 1200.5, 21.5, 2022.5, 2123.5, 2200.5]),
  },
  {
    criterion: "a transposed kernel's third side is the channels it writes, its fourth those it reads",
    weights: tensors({ "a.weight": [[1, 1, 3, 2], [1, 2, 3, 4, 5, 6]], "a.bias": [[3], [0, 0, 0]] }),
    input: values(1, 1, 2, [1, 10]),
    expression: (ops, x) => ({
      y: ops.deconv(x, "a", { inChannels: 2, outChannels: 3, kernel: 1, stride: 1 }),
    }),
    expected: values(1, 1, 3, [21, 43, 65]),
  },
  {
    criterion: "relu, add, scale and concat work value by value",
    input: values(1, 2, 1, [-2, 3]),
    expression: (ops, x) => ({ y: ops.concat([ops.relu(x), ops.add(x, x), ops.scale(x, 0.5)]) }),
    expected: values(1, 2, 3, [0, -4, -1, 3, 6, 1.5]),
  },
  {
    criterion: "halve takes the mean of each 2 × 2 pixels",
    input: values(2, 4, 1, [1, 2, 10, 20, 3, 4, 30, 40]),
    expression: (ops, x) => ({ y: ops.halve(x) }),
    expected: values(1, 2, 1, [2.5, 25]),
  },
  {
    criterion:
      "enlarge mixes neighbours 3 : 1 around half-pixel centres at twice the size, and repeats the edge",
    input: values(1, 2, 1, [0, 8]),
    expression: (ops, x) => ({ y: ops.enlarge(x, 2) }),
    expected: values(2, 4, 1, [0, 2, 6, 8, 0, 2, 6, 8]),
  },
  {
    criterion: "enlarge by four takes eighths",
    input: values(1, 2, 1, [0, 8]),
    expression: (ops, x) => ({ y: ops.enlarge(x, 4) }),
    expected: values(4, 8, 1, Array.from({ length: 4 }, () => [0, 0, 1, 3, 5, 7, 8, 8]).flat()),
  },
];

for (const [interpreter, run] of Object.entries(interpreters)) {
  for (const { criterion, weights = new Map(), input, expression, expected } of CASES) {
    Deno.test(`${interpreter}: ${criterion}`, async () => {
      const y = (await run(expression, weights, input)).get("y");
      assert.deepEqual(y?.shape, expected.shape);
      assert.deepEqual([...y.data], [...expected.data]);
    });
  }
}
