import { arch } from "node:process";
import { OnnxGraph } from "../onnx_graph.ts";
import { QuantizedLayers } from "./quantized_layers.ts";

import type { Runtime } from "../onnx_runtime.ts";

/** Channels that are summed: enough to fill a vector of any instruction set. */
const CHANNELS = 64;

/**
 * Whether this processor has instructions for products of bytes (VNNI or AMX), by what it computes: the older way adds pairs of products in 16 bits,
 * which the largest ones overflow. Elsewhere than on x86-64 nothing was measured.
 */
export async function multipliesBytes(runtime: Runtime): Promise<boolean> {
  return arch === "x64" && await sumOfProducts(runtime) === 255;
}

/** 255 if sums are exact, whatever the largest bytes; about half of it if they overflow. */
async function sumOfProducts({ InferenceSession, Tensor }: Runtime): Promise<number> {
  const graph = new OnnxGraph();
  const layers = new QuantizedLayers(graph);
  const x = { name: graph.input("x", "uint8", [1, 1, 1, CHANNELS]), scale: 1, zero: 0, channels: CHANNELS };
  const kernel = { shape: [1, CHANNELS, 1, 1], data: new Float32Array(CHANNELS).fill(1) };
  const sum = layers.convolve(x, { kernel, bias: new Float32Array(1) }, 1, { scale: CHANNELS, zero: 0 });
  graph.output("sum", sum, "uint8", [1, 1, 1, 1]);
  const session = await InferenceSession.create(graph.toModel("sum"), {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  try {
    const { sum } = await session.run({
      x: new Tensor("uint8", new Uint8Array(CHANNELS).fill(255), [1, 1, 1, CHANNELS]),
    });
    return Number(sum?.data[0]);
  } finally {
    await session.release();
  }
}
