import type * as tfjs from "@tensorflow/tfjs-core";
import { FLOW_CELL } from "../../model/network/config.ts";
import type { Neighbour } from "../../model/network/network.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import type { TrainConfig } from "../config.ts";

/** A {@linkcode Batch} as tensors: pictures `[batch, crop, crop, 3]`. */
export interface BatchTensors {
  readonly blurry: tfjs.Tensor4D;
  readonly sharp: tfjs.Tensor4D;
  readonly neighbours: readonly Neighbour<tfjs.Tensor4D>[];
}

/** A batch as tensors. Call it inside `tf.tidy`, or dispose them. */
export function batchTensors(
  tf: TensorFlow,
  { batch, crop }: Pick<TrainConfig, "batch" | "crop">,
  { blurry, sharp, neighbours }: Batch,
): BatchTensors {
  const cells = crop / FLOW_CELL;
  const pictures = (data: Float32Array) => tf.tensor4d(data, [batch, crop, crop, 3]);
  return {
    blurry: pictures(blurry),
    sharp: pictures(sharp),
    neighbours: neighbours.map(({ moved, flow }) => ({
      moved: pictures(moved),
      flow: tf.tensor4d(flow, [batch, cells, cells, 2]),
    })),
  };
}
