import { EngineError, OptionError } from "../../errors.ts";
import { freeMemory } from "../../free_memory.ts";
import { autoDevices } from "./auto_devices.ts";
import {
  type Device,
  DEVICE_CHOICES,
  type DeviceChoice,
  type DeviceInfo,
  DEVICES,
  type Engine,
  isDevice,
} from "./engine.ts";
import { readWeights, type Weights } from "../weights/weights.ts";
import { WorkerEngine } from "./worker_engine.ts";

/** Options of {@linkcode openEngine}. */
export interface OpenEngineOptions {
  /** A `.safetensors` file, or weights already read. */
  readonly weights: string | Weights;
  /**
   * Weights of a network of one frame, a file or already read, for `weights` of three: it restores every picture that comes without
   * both neighbours, or whose neighbours show another scene. @default {the same network restores them, as well as it can}
   */
  readonly alone?: string | Weights;
  /**
   * Where the network runs. `auto` takes the first of {@linkcode AUTOMATIC_DEVICES} that works, never a software renderer;
   * `webgpu` accepts that too. @default {"auto"}
   */
  readonly device?: DeviceChoice;
  /** Aborting it while the engine is being opened rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Pictures worth having in flight at once: one computed, the others waiting at the Worker. @default {2} */
  readonly concurrency?: number;
  /** Threads that compute, on `cpu`. @default {navigator.hardwareConcurrency} */
  readonly threads?: number;
  /**
   * Bytes that restoring one picture may take; larger pictures are split into overlapping tiles. @default half of the memory
   * that is free, 2 GiB at most on a GPU and in WebAssembly
   */
  readonly memoryBudget?: number;
}

const ONNX_WORKER = new URL("../onnx/onnx_worker.ts", import.meta.url);
const TFJS_WORKER = new URL("../tfjs/tfjs_worker.ts", import.meta.url);

/**
 * Loads a network onto a device, in a Worker of its own. The caller disposes the engine.
 *
 * @param findDevices Finds what `auto` tries. @default {autoDevices}
 * @throws {WeightsError} if the weights cannot be used.
 * @throws {EngineError} if the device cannot: why not, and what would help. Nothing is ever downloaded.
 */
export async function openEngine(
  options: OpenEngineOptions,
  findDevices: () => Promise<readonly Device[]> = autoDevices,
): Promise<Engine> {
  const { device = "auto", signal } = options;
  if (device !== "auto" && !isDevice(device)) {
    const known = [...DEVICE_CHOICES.keys()].join(", ");
    throw new EngineError(device, `there is no such device. Choose one of ${known}`);
  }
  checkCount("concurrency", options.concurrency);
  checkCount("threads", options.threads);
  checkCount("memoryBudget", options.memoryBudget);
  signal?.throwIfAborted();
  const weights = await asWeights(options.weights);
  const alone = options.alone && await asWeights(options.alone);
  if (alone && (weights.config.frames !== 3 || alone.config.frames !== 1)) {
    const given = `of ${alone.config.frames} frames beside one of ${weights.config.frames}`;
    throw new OptionError(
      `Cannot open an engine with "alone" a network ${given}: it must be of one frame, beside one of three`,
    );
  }
  const networks = { weights, ...(alone && { alone }) };
  if (device !== "auto") return await openOn(device, networks, options, { allowSoftware: true, notes: [] });

  const failures: EngineError[] = [];
  for (const candidate of await findDevices()) {
    const notes = failures.map(({ message }) => `${message}. Using "${candidate}" instead`);
    try {
      return await openOn(candidate, networks, options, { allowSoftware: false, notes });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failures.push(error);
    }
  }
  const why = failures.map(({ message }) => message).join("; ");
  throw new EngineError("auto", `no device can be used: ${why}`, { cause: failures.at(-1) });
}

interface Networks {
  readonly weights: Weights;
  readonly alone?: Weights;
}

async function asWeights(weights: string | Weights): Promise<Weights> {
  return typeof weights === "string" ? await readWeights(weights) : weights;
}

async function openOn(
  device: Device,
  { weights: { config, tensors }, alone }: Networks,
  options: OpenEngineOptions,
  { allowSoftware, notes }: { readonly allowSoftware: boolean; readonly notes: readonly string[] },
): Promise<Engine> {
  const { concurrency = 2, threads = navigator.hardwareConcurrency, signal } = options;
  const memoryBudget = options.memoryBudget ?? defaultBudget(device);
  const { provider }: DeviceInfo = DEVICES[device];
  return await WorkerEngine.open(
    {
      device,
      config,
      tensors,
      ...(alone && { alone: { config: alone.config, tensors: alone.tensors } }),
      threads,
      memoryBudget,
      allowSoftware,
    },
    {
      module: provider === undefined ? TFJS_WORKER : ONNX_WORKER,
      concurrency,
      notes,
      ...(signal && { signal }),
    },
  );
}

function defaultBudget(device: Device): number {
  const half = freeMemory() / 2;
  return DEVICES[device].usesHostMemory ? half : Math.min(half, 2 * 2 ** 30);
}

function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
    throw new OptionError(
      `Cannot open an engine with ${name} ${value}: it must be a whole number of at least 1`,
    );
  }
}
