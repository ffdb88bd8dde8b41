import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import type { Device } from "./engine.ts";

/** Where Linux keeps its GPUs; without any of these WebGPU finds only software. */
const GPU_FILES = ["/dev/dri", "/dev/dxg", "/dev/nvidia0"];

/** Devices worth trying on this machine, best first, judged by what lies on its disk; `cpu` is always the last. */
export function autoDevices(): Device[] {
  const devices: Device[] = [];
  if (platform === "linux" && existsSync(cudaProvider())) devices.push("cuda");
  if (platform === "darwin") devices.push("coreml");
  if (platform === "win32") devices.push("directml");
  if (platform !== "linux" || GPU_FILES.some((path) => existsSync(path))) devices.push("webgpu");
  return [...devices, "cpu"];
}

/** The library that ONNX Runtime's install script downloads where it is allowed to. */
function cudaProvider(): string {
  const library = `../bin/napi-v6/linux/${arch}/libonnxruntime_providers_cuda.so`;
  return fileURLToPath(new URL(library, import.meta.resolve("onnxruntime-node")));
}
