import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { AUTOMATIC_DEVICES, type Device } from "./engine.ts";
import { requestGpuAdapter } from "./gpu_adapter.ts";

/** Devices that `auto` should try on this machine, best first; `cpu` is always the last. */
export async function autoDevices(): Promise<Device[]> {
  const isWorthTrying: Partial<Record<Device, boolean>> = {
    cuda: platform === "linux" && existsSync(cudaProvider()),
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

/** The library that ONNX Runtime's install script downloads where it is allowed to. */
function cudaProvider(): string {
  const library = `../bin/napi-v6/linux/${arch}/libonnxruntime_providers_cuda.so`;
  return fileURLToPath(new URL(library, import.meta.resolve("onnxruntime-node")));
}
