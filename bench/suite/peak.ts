import ort from "onnxruntime-node";
import { OnnxGraph } from "../../src/model/onnx/onnx_graph.ts";
import type { Contender } from "./interleave.ts";

/** Rows and columns of the matrices. */
const SIDE = 1024;

/** Floating-point operations of a run of {@linkcode matrixProduct}. */
export const PRODUCT_FLOPS = 2 * SIDE ** 3;

/** A plain product of two matrices by ONNX Runtime on the processor: what the machine can do at best. */
export async function matrixProduct(threads: number): Promise<Contender & AsyncDisposable> {
  const graph = new OnnxGraph();
  const [a, b] = [graph.input("a", "float", [SIDE, SIDE]), graph.input("b", "float", [SIDE, SIDE])];
  graph.output("c", graph.node("MatMul", [a, b]), "float", [SIDE, SIDE]);
  const session = await ort.InferenceSession.create(graph.toModel("product"), { intraOpNumThreads: threads });
  const matrix = () => new ort.Tensor("float32", new Float32Array(SIDE ** 2).fill(0.5), [SIDE, SIDE]);
  const feeds = { a: matrix(), b: matrix() };
  return {
    name: "matrix product",
    async run() {
      const startedAt = performance.now();
      await session.run(feeds);
      return (performance.now() - startedAt) / 1000;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}
