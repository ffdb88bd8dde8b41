import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Runtime } from "../onnx/onnx_runtime.ts";
import {
  type GraphInput,
  type GraphSession,
  type GraphTensor,
  SAMPLE_TYPES,
  type Samples,
} from "./graph_session.ts";

/** A graph that ONNX Runtime runs. */
export function onnxGraphSession({ Tensor }: Runtime, session: InferenceSession): GraphSession {
  return {
    inputs: session.inputMetadata.map(describeInput),
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, { type, dims, data }]) => {
        if (!(data instanceof Float16Array)) return [name, new Tensor(type, data, dims)] as const;
        // Native code gets a Float16Array as an empty one from Deno; of its bits it gets all.
        const bits = new Uint16Array(data.buffer);
        const tensor = new Tensor(type, bits, dims);
        return [name, Object.defineProperty(tensor, "data", { value: bits })] as const;
      });
      const outputs = await session.run(Object.fromEntries(tensors));
      return new Map(
        Object.entries(outputs).flatMap(([name, tensor]) => {
          const read = readTensor(tensor);
          return read ? [[name, read] as const] : [];
        }),
      );
    },
  };
}

function describeInput(input: InferenceSession.ValueMetadata): GraphInput {
  const { name } = input;
  if (!input.isTensor) return { name, type: "no tensor", shape: [] };
  // Sides that may be anything have a name, or none.
  const shape = input.shape.map((side) => typeof side === "number" && side > 0 ? side : undefined);
  return { name, type: input.type, shape };
}

/** Outputs of other types (counters, texts) are no pictures. */
function readTensor({ type, dims, data }: Tensor): GraphTensor | undefined {
  const known = SAMPLE_TYPES.find((name) => name === type);
  return known && isSamples(data) ? { type: known, dims, data } : undefined;
}

function isSamples(data: unknown): data is Samples {
  return data instanceof Float32Array || data instanceof Float16Array || data instanceof Uint8Array ||
    data instanceof Uint16Array;
}
