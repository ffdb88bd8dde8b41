import { tmpdir } from "node:os";
import { env, platform } from "node:process";

/** The best adapter that WebGPU finds, which may be a software renderer; `null` if it finds none. */
export async function requestGpuAdapter(): Promise<GPUAdapter | null> {
  // Without it the graphics libraries print warnings on machines without a desktop.
  if (platform === "linux") env.XDG_RUNTIME_DIR ??= tmpdir();
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
}
