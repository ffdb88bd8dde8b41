import { existsSync } from "node:fs";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { AUTOMATIC_DEVICES, type Device } from "./engine.ts";
import { requestGpuAdapter } from "../tfjs/gpu_adapter.ts";

/** A device that `auto` may take. */
export interface AutoCandidate {
  /** The device. */
  readonly device: Device;
  /** Why it is not worth trying on this machine; absent where it is. */
  readonly passedOver?: string;
}

/** Systems that a device is made for; others have no use for a word about it. */
const SYSTEMS: Partial<Record<Device, string>> = { cuda: "linux", coreml: "darwin", directml: "win32" };

/** Devices that `auto` may take on this system, best first, with what speaks against them; `cpu` is always the last. */
export async function autoDevices(): Promise<AutoCandidate[]> {
  const against: Partial<Record<Device, string | undefined>> = {
    cuda: hasCudaProvider() ? undefined : "ONNX Runtime's CUDA files are not installed",
    webgpu: await whyNoGpu(),
  };
  return AUTOMATIC_DEVICES.filter((device) => (SYSTEMS[device] ?? platform) === platform).map((device) => {
    const why = against[device];
    return { device, ...(why !== undefined && { passedOver: why }) };
  });
}

/** Why WebGPU is of no use here: it finds no GPU, or only a software renderer, which is slower than the processor. */
async function whyNoGpu(): Promise<string | undefined> {
  const adapter = await requestGpuAdapter();
  if (adapter === null) return "no GPU was found";
  return adapter.info.isFallbackAdapter ? `${adapter.info.description} is a software renderer` : undefined;
}

/** Whether the library is there that ONNX Runtime's install script downloads where it is allowed to. */
function hasCudaProvider(): boolean {
  const library = `../bin/napi-v6/linux/${arch}/libonnxruntime_providers_cuda.so`;
  return existsSync(fileURLToPath(new URL(library, import.meta.resolve("onnxruntime-node"))));
}

/** One line about the devices that were passed over; none if there are none. */
export function passedOverNote(candidates: readonly AutoCandidate[], taken: Device): string | undefined {
  const reasons = Map.groupBy(
    candidates.filter(({ passedOver }) => passedOver !== undefined),
    ({ passedOver = "" }) => passedOver,
  );
  if (reasons.size === 0) return undefined;
  const why = Array.from(
    reasons,
    ([reason, devices]) => `${devices.map(({ device }) => device).join(", ")}: ${reason}`,
  );
  return `Using "${taken}" (${why.join("; ")})`;
}

/**
 * Never called. An import in the module graph is what lets `import.meta.resolve` find the package when this library is
 * itself a package; a Worker's imports are not in the graph.
 */
export const importOnnxRuntime = (): Promise<unknown> => import("onnxruntime-node");
