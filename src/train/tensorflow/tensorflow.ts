import { EngineError, messageOf } from "../../errors.ts";
import { loadTfjsBackend } from "../../model/tfjs/tfjs_backend.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";

/** What trains a network, and when to choose it. */
export const TRAIN_DEVICES = {
  tensorflow: "native TensorFlow on the processor or an NVIDIA GPU (deno task setup:tensorflow)",
  webgpu: "Deno's own WebGPU: any GPU",
  javascript: "plain JavaScript; very slow, runs anywhere",
} as const;

/** A name from {@linkcode TRAIN_DEVICES}. */
export type TrainDevice = keyof typeof TRAIN_DEVICES;

/**
 * Loads TensorFlow.js with one backend: the only place of `src/train` that does, so that all of it computes on one instance of
 * tfjs-core. Values of the namespace come from here; elsewhere `@tensorflow/tfjs-core` is imported for its types.
 *
 * On `webgpu` only `await tensor.data()` reads a tensor: its synchronous reading wants a canvas that Deno does not have.
 *
 * @throws {EngineError} if the device is not there: why, and what would help.
 */
export async function loadTensorFlow(device: TrainDevice): Promise<TensorFlow> {
  if (!Object.hasOwn(TRAIN_DEVICES, device)) {
    const known = Object.keys(TRAIN_DEVICES).join(", ");
    throw new EngineError(String(device), `no such training device; wanted one of ${known}`);
  }
  try {
    // It brings the gradients, which tfjs-core leaves out; native TensorFlow brings them itself.
    if (device !== "tensorflow") await import("@tensorflow/tfjs");
    return await loadTfjsBackend(device);
  } catch (cause) {
    throw new EngineError(device, messageOf(cause), { cause });
  }
}
