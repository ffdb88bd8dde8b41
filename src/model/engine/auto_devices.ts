import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { AUTOMATIC_DEVICES, type Device } from "./engine.ts";
import { requestGpuAdapter } from "../tfjs/gpu_adapter.ts";

/** Devices that `auto` should try on this machine, best first; `cpu` is always the last. */
export async function autoDevices(): Promise<Device[]> {
  const isWorthTrying: Partial<Record<Device, boolean>> = {
    cuda: platform === "linux" && hasCudaProvider(),
    coreml: platform === "darwin",
    directml: platform === "win32",
    webgpu: await hasGpu(),
    cpu: true,
  };
  return AUTOMATIC_DEVICES.filter((device) => isWorthTrying[device]);
}

/** Whether WebGPU finds a GPU, not just a software renderer. */
async function hasGpu(): Promise<boolean> {
  const adapter = await requestGpuAdapter();
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

/** Whether the library is there that ONNX Runtime's install script downloads where it is allowed to. */
function hasCudaProvider(): boolean {
  const library = `../bin/napi-v6/linux/${arch}/libonnxruntime_providers_cuda.so`;
  return existsSync(fileURLToPath(new URL(library, import.meta.resolve("onnxruntime-node"))));
}

/**
 * Never called. An import in the module graph is what lets `import.meta.resolve` find the package when this library is
 * itself a package; a Worker's imports are not in the graph.
 */
export const importOnnxRuntime = (): Promise<unknown> => import("onnxruntime-node");
