import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import ort from "onnxruntime-node";
import { fileURLToPath } from "node:url";
import { OnnxGraph, type OnnxType } from "../../src/model/onnx/onnx_graph.ts";
import { onnxOps } from "../../src/model/onnx/onnx_ops.ts";
import type { Ops } from "../../src/model/network/ops.ts";
import type { TensorData } from "../../src/model/weights/safetensors.ts";
import { tfjsOps } from "../../src/model/tfjs/tfjs_ops.ts";

/** Values in the order `[height, width, channels]`. */
export interface Values {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly data: Float32Array;
}

/** Something that can be said in {@linkcode Ops}: from one value to several that have names. */
export type Expression = <T>(ops: Ops<T>, x: T) => Record<string, T>;

type Tensors = ReadonlyMap<string, TensorData>;

/** Computes an expression with TensorFlow.js, on WebAssembly. */
export async function runTfjs(expression: Expression, tensors: Tensors, input: Values) {
  await startWasm();
  const made = tf.tidy(() => {
    const weights = new Map(
      [...tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], "float32")]),
    );
    return expression(tfjsOps(tf, weights), tf.tensor4d(input.data, [1, ...input.shape]));
  });
  const results = new Map<string, Values>();
  for (const [name, tensor] of Object.entries(made)) {
    const [, height, width, channels] = tensor.shape;
    results.set(name, { shape: [height, width, channels], data: Float32Array.from(await tensor.data()) });
  }
  tf.dispose(made);
  return results;
}

let started: Promise<void> | undefined;

async function startWasm(): Promise<void> {
  started ??= (async () => {
    tf.enableProdMode();
    setWasmPaths(fileURLToPath(new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm"))));
    await tf.setBackend("wasm");
  })();
  await started;
}

/** A graph whose weights are inputs, so that one session can be run with changed ones. */
class OpenGraph extends OnnxGraph {
  readonly weights = new Map<string, ort.Tensor>();
  override constant(name: string, type: OnnxType, shape: readonly number[], data: ArrayBufferView): string {
    if (!/\.(weight|bias)$/.test(name) || !(data instanceof Float32Array)) {
      return super.constant(name, type, shape, data);
    }
    if (!this.weights.has(name)) this.input(name, type, shape);
    this.weights.set(name, new ort.Tensor("float32", data, shape));
    return name;
  }
}

/** One tap to compute with another value. */
export interface ChangedTap {
  readonly tensor: string;
  readonly index: number;
  readonly by: number;
}

/** Prepares an expression for ONNX Runtime; the caller releases the session. */
export async function openOnnx(expression: Expression, tensors: Tensors, shape: Values["shape"]) {
  const graph = new OpenGraph();
  const x = graph.input("x", "float", [1, ...shape]);
  const made = expression(onnxOps(graph, tensors), graph.node("Transpose", [x], { perm: [0, 3, 1, 2] }));
  for (const [name, value] of Object.entries(made)) {
    const dims = [1, `height ${name}`, `width ${name}`, `channels ${name}`];
    graph.output(name, graph.node("Transpose", [value], { perm: [0, 2, 3, 1] }), "float", dims);
  }
  const session = await ort.InferenceSession.create(graph.toModel("test"), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  return {
    weights: graph.weights,
    release: () => session.release(),
    async run(input: Values, changed?: ChangedTap): Promise<Map<string, Values>> {
      const feeds = {
        ...Object.fromEntries(graph.weights),
        x: new ort.Tensor("float32", input.data, [1, ...shape]),
      };
      const results = await session.run(changed ? { ...feeds, ...change(graph.weights, changed) } : feeds);
      return new Map(
        Object.entries(results).map(([name, { data, dims }]) => {
          const [, height = 0, width = 0, channels = 0] = dims;
          if (!(data instanceof Float32Array)) throw new TypeError(`${name} is not float`);
          return [name, { shape: [height, width, channels], data }] as const;
        }),
      );
    },
  };
}

function change(weights: ReadonlyMap<string, ort.Tensor>, { tensor, index, by }: ChangedTap) {
  const original = weights.get(tensor);
  if (!(original?.data instanceof Float32Array)) throw new TypeError(`${tensor} is no weight`);
  const data = original.data.slice();
  data[index] = (data[index] ?? 0) + by;
  return { [tensor]: new ort.Tensor("float32", data, original.dims) };
}

/** Computes an expression with ONNX Runtime. */
export async function runOnnx(expression: Expression, tensors: Tensors, input: Values) {
  const opened = await openOnnx(expression, tensors, input.shape);
  try {
    return await opened.run(input);
  } finally {
    await opened.release();
  }
}

/** Largest difference between two sets of results; `Infinity` where names or shapes differ. */
export function largestDifference(a: ReadonlyMap<string, Values>, b: ReadonlyMap<string, Values>): number {
  if ([...a.keys()].sort().join() !== [...b.keys()].sort().join() || a.size === 0) return Infinity;
  let largest = 0;
  for (const [name, { shape, data }] of a) {
    const other = b.get(name);
    if (other?.shape.join() !== shape.join() || other.data.length !== data.length) return Infinity;
    data.forEach((value, i) => {
      const difference = Math.abs(value - (other.data[i] ?? NaN));
      if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
    });
  }
  return largest;
}
