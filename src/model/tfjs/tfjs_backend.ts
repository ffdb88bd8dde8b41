import { fileURLToPath } from "node:url";
import { messageOf } from "../../errors.ts";
import { requireGpu } from "./gpu_adapter.ts";
import { importNativeTensorFlow, isNativeTensorFlowBuilt } from "./native_tensorflow.ts";
import type { TensorFlow } from "./tfjs_ops.ts";

/** Options of {@linkcode loadTfjsBackend}. */
export interface TfjsBackendOptions {
  /** Whether `webgpu` may be a software renderer. @default {true} */
  readonly allowSoftware?: boolean;
}

/**
 * Loads TensorFlow.js and starts the backend that a device of the engine's or the trainer's table stands for.
 *
 * @throws {Error} saying why the device cannot be used and what would help.
 */
export async function loadTfjsBackend(device: string, options: TfjsBackendOptions = {}): Promise<TensorFlow> {
  switch (device) {
    case "webgpu":
      return await webgpu(options);
    case "wasm":
      return await wasm();
    case "tensorflow":
      return await native();
    case "javascript":
      return await javascript();
    default:
      throw new Error("is not one of TensorFlow.js's");
  }
}

async function webgpu({ allowSoftware = true }: TfjsBackendOptions): Promise<TensorFlow> {
  await requireGpu({ allowSoftware });
  const tf = await quietCore();
  await import("@tensorflow/tfjs-backend-webgpu");
  return await start(tf, "webgpu");
}

async function wasm(): Promise<TensorFlow> {
  const tf = await quietCore();
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Beside the package's module, so that nothing is downloaded.
  setWasmPaths(fileURLToPath(new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm"))));
  return await start(tf, "wasm");
}

async function javascript(): Promise<TensorFlow> {
  const tf = await quietCore();
  await import("@tensorflow/tfjs-backend-cpu");
  return await start(tf, "cpu");
}

async function native(): Promise<TensorFlow> {
  try {
    return await start(await importNativeTensorFlow(), "tensorflow");
  } catch (cause) {
    const why = isNativeTensorFlowBuilt()
      ? `its native part cannot be loaded (${messageOf(cause)}); ` +
        '"deno task setup:tensorflow" may mend it'
      : 'its native part is not built yet; run "deno task setup:tensorflow" once';
    throw new Error(why, { cause });
  }
}

/** tfjs-core without its advice on the console: a library does not speak. */
async function quietCore(): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  return tf;
}

async function start(tf: TensorFlow, backend: string): Promise<TensorFlow> {
  if (!await tf.setBackend(backend)) {
    throw new Error(`TensorFlow.js could not start its "${backend}" backend here`);
  }
  await tf.ready();
  return tf;
}
