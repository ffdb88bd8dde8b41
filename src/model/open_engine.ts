import type { Device, Engine } from "./engine.ts";
import type { Weights } from "./weights.ts";

/** Options of {@linkcode openEngine}. */
export interface OpenEngineOptions {
  /** A `.safetensors` file, or weights already read. */
  readonly weights: string | Weights;
  /** Where the network runs. `auto` takes the first usable of cuda, coreml, directml, webgpu and cpu, never a software GPU. @default {"auto"} */
  readonly device?: Device | "auto";
  /** Aborting it while the engine is being opened rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Pictures worth having in flight at once. @default {2} */
  readonly concurrency?: number;
  /** Bytes one picture may take while it is restored; larger pictures are cut into overlapping tiles. @default a quarter of the machine's memory */
  readonly memoryBudget?: number;
}

/**
 * Loads a network onto a device, in a Worker of its own. The caller disposes the engine.
 *
 * @throws {WeightsError} if the weights cannot be used.
 * @throws {EngineError} if the device cannot: why not, and what would help. Nothing is ever downloaded.
 */
export function openEngine(_options: OpenEngineOptions): Promise<Engine> {
  return Promise.reject(new Error("Engines are not written yet"));
}
