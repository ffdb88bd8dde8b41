import type { InferenceSession } from "onnxruntime-node";
import { messageOf } from "../../errors.ts";
import { requireGpu } from "../tfjs/gpu_adapter.ts";
import { type Device, type DeviceInfo, DEVICES } from "../engine/engine.ts";

/** ONNX Runtime's package. */
export type Runtime = typeof import("onnxruntime-node");

/** Options of {@linkcode createSession}. */
export interface SessionSettings {
  readonly device: Device;
  /** Threads that compute, on a processor. */
  readonly threads: number;
  /** Whether WebGPU may be a software renderer. */
  readonly allowSoftware: boolean;
  /** Whether the network is used only now and then: it should keep no memory in between. @default {false} */
  readonly isSpare?: boolean;
  /** Whether the graph computes with bytes. @default {false} */
  readonly multipliesBytes?: boolean;
}

/**
 * Loads ONNX Runtime for a device.
 *
 * @throws {Error} saying why the device cannot be used and what it takes.
 */
export async function importRuntime(
  { device, allowSoftware }: Pick<SessionSettings, "device" | "allowSoftware">,
): Promise<Runtime> {
  const { provider, requires }: DeviceInfo = DEVICES[device];
  if (provider === undefined) throw new Error("is not one of ONNX Runtime's");
  // ONNX Runtime does not say what its adapter is; Deno finds the same one.
  if (provider === "webgpu") await requireGpu({ allowSoftware });
  const { default: runtime } = await import("onnxruntime-node").catch((cause) => {
    const why = messageOf(cause);
    throw new Error(`ONNX Runtime cannot be loaded here (${why}); "wasm" runs anywhere`, { cause });
  });
  runtime.env.logLevel = "fatal";
  if (!runtime.listSupportedBackends().some(({ name }) => name === provider)) {
    throw new Error(`is not part of ONNX Runtime on this machine; it takes ${requires}`);
  }
  return runtime;
}

/**
 * Starts a graph on a device.
 *
 * @param model The bytes of an ONNX file, or its path.
 * @throws {Error} saying why ONNX Runtime cannot start it and what the device takes.
 */
export async function createSession(
  runtime: Runtime,
  model: Uint8Array | string,
  { device, threads, isSpare = false, multipliesBytes = false }: Omit<SessionSettings, "allowSoftware">,
): Promise<InferenceSession> {
  const { provider = "cpu", requires }: DeviceInfo = DEVICES[device];
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: "all",
    enableCpuMemArena: !isSpare,
    enableMemPattern: false, // planning memory ahead took half as much again, for no speed that could be measured
    logSeverityLevel: 4, // what goes wrong is thrown; nothing is printed
    // A processor without instructions for bytes adds their products in 16 bits, which overflow, unless this is set.
    ...(multipliesBytes && { extra: { session: { x64quantprecision: "1" } } }),
  };
  const create = () =>
    typeof model === "string"
      ? runtime.InferenceSession.create(model, options)
      : runtime.InferenceSession.create(model, options);
  return await create().catch((cause) => {
    // A processor that has loaded ONNX Runtime lacks nothing: there the graph is at fault.
    const needs = device === "cpu" ? "" : `; it takes ${requires}`;
    throw new Error(`ONNX Runtime cannot start it (${reasonOf(cause)})${needs}`, { cause });
  });
}

/** The message without the place in ONNX Runtime's source that it begins with. */
function reasonOf(cause: unknown): string {
  return messageOf(cause).replace(/^\S*onnxruntime_src\S*.*? was false\.\s*/s, "").trim();
}
