import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import type { Device } from "./engine.ts";
import { requestGpuAdapter } from "../tfjs/gpu_adapter.ts";

/** Devices worth trying on this machine, best first; `cpu` is always the last. */
export async function autoDevices(): Promise<Device[]> {
  const devices: Device[] = [];
  if (platform === "linux" && existsSync(cudaProvider())) devices.push("cuda");
  if (platform === "darwin") devices.push("coreml");
  if (platform === "win32") devices.push("directml");
  if (await hasGpu()) devices.push("webgpu");
  return [...devices, "cpu"];
}

/** Whether WebGPU finds more than a processor that plays a GPU. */
async function hasGpu(): Promise<boolean> {
  const adapter = await requestGpuAdapter();
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

/** The library that ONNX Runtime's install script downloads where it is allowed to. */
function cudaProvider(): string {
  const library = `../bin/napi-v6/linux/${arch}/libonnxruntime_providers_cuda.so`;
  return fileURLToPath(new URL(library, import.meta.resolve("onnxruntime-node")));
}
