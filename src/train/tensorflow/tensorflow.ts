import { EngineError } from "../../errors.ts";
import type { TensorFlow } from "../../model/tfjs_ops.ts";
import { importNativeTensorFlow, isBindingThere } from "./tensorflow_binding.ts";

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
  switch (device) {
    case "tensorflow":
      return await native();
    case "webgpu":
      return await webgpu();
    case "javascript": {
      const tf = await quietCore();
      await import("@tensorflow/tfjs-backend-cpu");
      return await useBackend(tf, device, "cpu");
    }
    default:
      throw new EngineError(
        String(device),
        `no such training device; wanted one of ${Object.keys(TRAIN_DEVICES).join(", ")}`,
      );
  }
}

async function native(): Promise<TensorFlow> {
  const device: TrainDevice = "tensorflow";
  try {
    return await useBackend(await importNativeTensorFlow(), device, "tensorflow");
  } catch (cause) {
    const why = isBindingThere()
      ? `its native part cannot be loaded (${
        cause instanceof Error ? cause.message : cause
      }); "deno task setup:tensorflow" may mend it`
      : 'its native part is not built yet; run "deno task setup:tensorflow" once';
    throw new EngineError(device, why, { cause });
  }
}

async function webgpu(): Promise<TensorFlow> {
  const device: TrainDevice = "webgpu";
  // The backend itself reads properties of an absent adapter.
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
  if (adapter === null) {
    throw new EngineError(
      device,
      "no GPU adapter was found; a driver (Vulkan, Metal or DirectX 12) is wanted",
    );
  }
  const tf = await quietCore();
  await import("@tensorflow/tfjs-backend-webgpu");
  return await useBackend(tf, device, "webgpu");
}

/** tfjs-core without its advice on the console: a library does not speak. */
async function quietCore(): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  await import("@tensorflow/tfjs"); // for the gradients, which tfjs-core leaves out
  return tf;
}

async function useBackend(tf: TensorFlow, device: TrainDevice, backend: string): Promise<TensorFlow> {
  if (!await tf.setBackend(backend)) {
    throw new EngineError(device, `TensorFlow.js could not start its "${backend}" backend`);
  }
  await tf.ready();
  return tf;
}
