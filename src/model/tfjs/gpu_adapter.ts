import { tmpdir } from "node:os";
import { env, platform } from "node:process";

/** The best adapter that WebGPU finds, which may be a software renderer; `null` if it finds none. */
export async function requestGpuAdapter(): Promise<GPUAdapter | null> {
  // Without it the graphics libraries print warnings on machines without a desktop.
  if (platform === "linux") env.XDG_RUNTIME_DIR ??= tmpdir();
  return await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
}

/**
 * Makes sure that there is an adapter.
 *
 * @param options Whether it may be a software renderer, which is slower than the processor.
 * @throws {Error} saying what was found instead, and what it takes.
 */
export async function requireGpu({ allowSoftware }: { readonly allowSoftware: boolean }): Promise<void> {
  const adapter = await requestGpuAdapter();
  const takes = "it takes a GPU with a driver for Vulkan, Metal or DirectX 12";
  if (adapter === null) throw new Error(`no GPU adapter was found; ${takes}`);
  if (adapter.info.isFallbackAdapter && !allowSoftware) {
    throw new Error(`"${adapter.info.description}" is a software renderer, slower than "cpu"; ${takes}`);
  }
}
