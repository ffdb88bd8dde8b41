import { EngineError, messageOf, oneOf } from "../../errors.ts";
import { loadTfjsBackend } from "../../model/tfjs/tfjs_backend.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";

/** Devices that train a network, and when to choose them. */
export const TRAIN_DEVICES = {
  tensorflow: "native TensorFlow on the processor or an NVIDIA GPU (deno task setup:tensorflow)",
  webgpu: "Deno's own WebGPU: any GPU",
  javascript: "plain JavaScript; very slow, runs anywhere",
} as const;

/** A name from {@linkcode TRAIN_DEVICES}. */
export type TrainDevice = keyof typeof TRAIN_DEVICES;

/**
 * Loads TensorFlow.js with one backend. Only this function of `src/train` loads it, so that everything computes on one instance of
 * tfjs-core; elsewhere `@tensorflow/tfjs-core` is imported for its types.
 *
 * On `webgpu` tensors must be read by `await tensor.data()`: synchronous reading needs a canvas, which Deno does not have.
 *
 * @throws {EngineError} if the device cannot be used: why, and what would help.
 */
export async function loadTensorFlow(device: TrainDevice): Promise<TensorFlow> {
  if (!Object.hasOwn(TRAIN_DEVICES, device)) {
    const known = oneOf(Object.keys(TRAIN_DEVICES));
    throw new EngineError(String(device), `there is no such training device. Choose ${known}`);
  }
  try {
    // It adds the gradients, which tfjs-core lacks; native TensorFlow has its own.
    if (device !== "tensorflow") await import("@tensorflow/tfjs");
    return await loadTfjsBackend(device);
  } catch (cause) {
    throw new EngineError(device, messageOf(cause), { cause });
  }
}
