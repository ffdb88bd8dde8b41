import { EngineError, OptionError } from "../../errors.ts";
import { freeMemory } from "../../free_memory.ts";
import { type AutoCandidate, autoDevices, passedOverNote } from "./auto_devices.ts";
import {
  type Device,
  DEVICE_CHOICES,
  DEVICE_NAMES,
  type DeviceChoice,
  type DeviceInfo,
  DEVICES,
  type Engine,
  isDevice,
  isPrecision,
  type PrecisionChoice,
  PRECISIONS,
} from "./engine.ts";
import { readWeights, type Weights } from "../weights/weights.ts";
import { type Networks, possiblePrecision } from "./possible_precision.ts";
import { checkPrecision, FLOAT16_GPUS, noFloat16Gpu } from "./device_precision.ts";
import { WorkerEngine } from "./worker_engine.ts";
import type { ExternalNetwork } from "../external/external_network.ts";
import { readNetwork } from "../external/read_network.ts";
import type { NetworkRequest, OpenGraphRequest, OpenRequest } from "./worker_messages.ts";

/** Options of {@linkcode openEngine}. */
export interface OpenEngineOptions {
  /**
   * What {@linkcode readNetwork} reads, by its path or already read: a `.safetensors` file of this project, or a network of another
   * one, which runs on devices of ONNX Runtime.
   */
  readonly weights: string | Weights | ExternalNetwork;
  /**
   * Weights of a network of one frame, a file or already read, for `weights` of three: it restores every picture that comes without
   * neighbours, or with such as show another scene; where there is one instead of two, the mean of both networks counts. @default {the same network restores them, as well as it can}
   */
  readonly alone?: string | Weights;
  /**
   * Where the network runs. `auto` takes the first of {@linkcode AUTOMATIC_DEVICES} that works, never a software renderer;
   * `webgpu` accepts that too. @default {"auto"}
   */
  readonly device?: DeviceChoice;
  /**
   * What the network computes with, a name from {@linkcode PRECISIONS}. `int8` runs on `cpu`; networks that have no calibration compute with
   * `float32` then, which {@linkcode Engine.notes} say. `float16` is for GPUs of ONNX Runtime's devices and networks of this project; `cpu` emulates it,
   * but only where that device is named. @default {"auto"}
   */
  readonly precision?: PrecisionChoice;
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
  findDevices: () => Promise<readonly AutoCandidate[]> = autoDevices,
): Promise<Engine> {
  const { device: asked = "auto" } = options;
  checkOptions(options);
  options.signal?.throwIfAborted();
  const networks = await readNetworks(options);
  const { precision, note: lacking } = possiblePrecision(options.precision ?? "auto", networks);
  const chosen = { ...options, precision };
  const known = lacking === undefined ? [] : [lacking];
  const device = precision === "int8" && asked === "auto" ? "cpu" : asked;
  if (device !== "auto") return await openOn(device, networks, chosen, { allowSoftware: true, notes: known });

  const failures: EngineError[] = [];
  const candidates = await findDevices();
  for (const { device: candidate, passedOver } of candidates) {
    if (passedOver !== undefined || !canRun(candidate, networks.weights)) continue;
    if (precision === "float16" && !FLOAT16_GPUS.includes(candidate)) continue;
    const before = candidates.slice(0, candidates.findIndex(({ device }) => device === candidate));
    const note = passedOverNote(before, candidate);
    const notes = [
      ...known,
      ...failures.map(({ message }) => `${message}. Using "${candidate}" instead`),
      ...(note === undefined ? [] : [note]),
    ];
    try {
      return await openOn(candidate, networks, chosen, { allowSoftware: false, notes });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failures.push(error);
    }
  }
  if (precision === "float16") throw noFloat16Gpu(failures);
  const why = failures.map(({ message }) => message).join("; ");
  throw new EngineError("auto", `no device can be used: ${why}`, { cause: failures.at(-1) });
}

function checkOptions(
  { precision = "auto", device = "auto", concurrency, threads, memoryBudget }: OpenEngineOptions,
): void {
  if (!isPrecision(precision)) {
    const known = Object.keys(PRECISIONS).join(", ");
    throw new OptionError(`Cannot open an engine with precision "${precision}": there are ${known}`);
  }
  if (device !== "auto" && !isDevice(device)) {
    const known = [...DEVICE_CHOICES.keys()].join(", ");
    throw new EngineError(device, `there is no such device. Choose one of ${known}`);
  }
  for (const [name, count] of Object.entries({ concurrency, threads, memoryBudget })) checkCount(name, count);
}

async function readNetworks(options: OpenEngineOptions): Promise<Networks> {
  const weights = typeof options.weights === "string" ? await readNetwork(options.weights) : options.weights;
  const alone = typeof options.alone === "string" ? await readWeights(options.alone) : options.alone;
  const frames = "config" in weights ? weights.config.frames : "another project";
  if (alone && (frames !== 3 || alone.config.frames !== 1)) {
    const given = `of ${alone.config.frames} frames beside one of ${frames}`;
    throw new OptionError(
      `Cannot open an engine with "alone" a network ${given}: it must be of one frame, beside one of three`,
    );
  }
  return { weights, ...(alone && { alone }) };
}

/** Graphs of other projects run on ONNX Runtime. */
function canRun(device: Device, weights: Weights | ExternalNetwork): boolean {
  const { provider }: DeviceInfo = DEVICES[device];
  return "config" in weights || provider !== undefined;
}

async function openOn(
  device: Device,
  { weights, alone }: Networks,
  options: OpenEngineOptions,
  { allowSoftware, notes }: { readonly allowSoftware: boolean; readonly notes: readonly string[] },
): Promise<Engine> {
  const { concurrency = 2, threads = navigator.hardwareConcurrency, signal } = options;
  const memoryBudget = options.memoryBudget ?? defaultBudget(device);
  const { provider }: DeviceInfo = DEVICES[device];
  const { precision = "auto" } = options;
  checkPrecision(precision, device);
  if (!canRun(device, weights)) {
    const able = DEVICE_NAMES.filter((name) => canRun(name, weights)).join(", ");
    throw new EngineError(
      device,
      `runs the networks of this project only. For ${weights.path} choose one of ${able}`,
    );
  }
  const settings = { device, threads, memoryBudget, allowSoftware };
  const request: OpenRequest | OpenGraphRequest = "config" in weights
    ? {
      ...settings,
      precision,
      ...requestOf(weights),
      ...(alone && { alone: requestOf(alone) }),
    }
    : { ...settings, external: weights };
  const workerOptions = {
    module: provider === undefined ? TFJS_WORKER : ONNX_WORKER,
    concurrency,
    notes,
    ...(signal && { signal }),
  };
  return await WorkerEngine.open(request, workerOptions);
}

function requestOf({ config, tensors, calibration }: Weights): NetworkRequest {
  return { config, tensors, ...(calibration && { calibration }) };
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
