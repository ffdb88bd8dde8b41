import type { Tensor } from "onnxruntime-node";
import type { Picture } from "../../frame.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import { NEIGHBOURS } from "./export_onnx.ts";

import type { Runtime } from "./onnx_runtime.ts";

/** A picture as a tensor of ONNX Runtime, sharing its memory. */
export function pictureTensor({ Tensor }: Runtime, { data, width, height }: Picture): Tensor {
  return data instanceof Uint16Array
    ? new Tensor("uint16", data, [1, height, width, 3])
    : new Tensor("uint8", data, [1, height, width, 3]);
}

/** What the graph of `exportOnnx` takes, sharing memory with the pictures. */
export function onnxFeeds(
  runtime: Runtime,
  { picture, neighbours }: NetworkInput,
  detail: number,
): Record<string, Tensor> {
  const beside = neighbours.flatMap(({ moved, flow: { columns, rows, vectors } }, i) => [
    [NEIGHBOURS[i]?.picture, pictureTensor(runtime, moved)],
    [NEIGHBOURS[i]?.flow, new runtime.Tensor("float32", vectors, [1, rows, columns, 2])],
  ]);
  return {
    picture: pictureTensor(runtime, picture),
    detail: new runtime.Tensor("float32", Float32Array.of(detail), []),
    ...Object.fromEntries(beside),
  };
}
