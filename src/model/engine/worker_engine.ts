import { EngineError, messageOf, OptionError, WeightsError } from "../../errors.ts";
import type { Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { SerialWorker } from "../../worker/serial_worker.ts";
import {
  type Device,
  DEVICES,
  type Engine,
  type Neighbours,
  type Precision,
  type Restored,
  type RestoreOptions,
} from "./engine.ts";
import type { PictureOptions } from "../restore/restore_picture.ts";
import { checkStrength, FULL_STRENGTH } from "../restore/strength.ts";
import type { GraphFindings } from "../external/external_network.ts";
import type {
  EngineCalls,
  OpenedEngine,
  OpenGraphRequest,
  OpenRequest,
  RunRequest,
} from "./worker_messages.ts";

/** Options of {@linkcode WorkerEngine.open}. */
export interface WorkerEngineOptions {
  /** Module that calls `serveEngine`. */
  readonly module: URL;
  readonly concurrency: number;
  /** See {@linkcode Engine.notes}. */
  readonly notes: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * An engine whose runtime lives in a Worker, because every native runtime blocks its thread while it computes.
 * Pictures are transferred there and back. A runtime cannot be interrupted inside a picture: after disposing, its thread
 * still computes that picture to the end, unless the process exits.
 */
export class WorkerEngine implements Engine {
  readonly device: Device;
  readonly concurrency: number;
  readonly frames: 1 | 3;
  readonly notes: readonly string[];
  readonly findings?: GraphFindings;
  readonly precision?: Precision;
  readonly #worker: SerialWorker<EngineCalls>;

  private constructor(
    worker: SerialWorker<EngineCalls>,
    device: Device,
    { frames, precision, findings }: OpenedEngine,
    { concurrency, notes }: WorkerEngineOptions,
  ) {
    this.device = device;
    this.frames = frames;
    this.concurrency = concurrency;
    this.notes = [...notes, ...findings?.notes ?? []];
    if (findings) this.findings = findings;
    if (precision) this.precision = precision;
    this.#worker = worker;
  }

  /**
   * Starts the Worker and loads the network there.
   *
   * @throws {EngineError} if the device cannot run it; {WeightsError} if no device could; `signal.reason` if aborted before it is loaded.
   */
  static async open(
    request: OpenRequest | OpenGraphRequest,
    options: WorkerEngineOptions,
  ): Promise<WorkerEngine> {
    const { signal, module } = options;
    const { device } = request;
    signal?.throwIfAborted();
    const worker = new SerialWorker<EngineCalls>(module, `${device} engine`);
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      const opened = await Promise.race([openIn(worker, request), aborted.promise]);
      return new WorkerEngine(worker, device, opened, options);
    } catch (error) {
      worker.terminate(new EngineError(device, "could not be opened"));
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async run(picture: Picture, options: RestoreOptions = {}): Promise<Restored> {
    const { width, height, data } = checkPicture(picture);
    const neighbours = this.frames === 3 ? checkNeighbours(options.neighbours, picture) : {};
    const checked = { ...checkOptions(options), region: checkRegion(options.region, picture), neighbours };
    const own = ownData(data);
    const request: RunRequest = {
      picture: { data: own, width, height },
      options: checked,
      memoryBudget: budgetOn(this.device, options.memoryBudget),
    };
    return await onDevice(this.device, this.#worker.call("run", request, [own.buffer], options.onProgress));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate(new EngineError(this.device, "was disposed before it was done"));
    return Promise.resolve();
  }
}

async function openIn(
  worker: SerialWorker<EngineCalls>,
  request: OpenRequest | OpenGraphRequest,
): Promise<OpenedEngine> {
  const { device } = request;
  if (!("external" in request)) return await onDevice(device, worker.call("open", request));
  const opened = await onDevice(device, worker.call("openGraph", request));
  if ("unfit" in opened) throw new WeightsError(request.external.path, opened.unfit);
  return opened;
}

/** What is free of the machine's memory says nothing of that of a GPU. */
function budgetOn(device: Device, memory: number | undefined): number | undefined {
  if (memory !== undefined && !(memory > 0)) {
    throw new OptionError(`Cannot restore a picture in ${memory} bytes: memoryBudget must be above 0`);
  }
  return DEVICES[device].usesHostMemory ? memory : undefined;
}

/** What a Worker fails with is a failure of its device. */
async function onDevice<T>(device: Device, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(device, messageOf(error), { cause: error });
  }
}

/** A view would take along whatever else lies in its buffer. */
function ownData(data: Picture["data"]): Picture["data"] {
  return data.byteLength === data.buffer.byteLength ? data : data.slice();
}

/** The neighbours alone, without whatever else a frame carries, to be copied to the Worker. */
function checkNeighbours({ previous, next }: Neighbours = {}, picture: Picture): Neighbours {
  const checked = (name: string, neighbour: Picture): Picture => {
    const { width, height, data } = checkPicture(neighbour);
    if (
      width !== picture.width || height !== picture.height || data.constructor !== picture.data.constructor
    ) {
      throw new RangeError(
        `Cannot restore a picture of ${picture.width}x${picture.height} with a ${name} one of ${width}x${height}: ` +
          "neighbours must be of its size and depth",
      );
    }
    return { data: ownData(data), width, height };
  };
  return {
    ...(previous && { previous: checked("previous", previous) }),
    ...(next && { next: checked("next", next) }),
  };
}

function checkPicture(picture: Picture): Picture {
  const { width, height, data } = picture;
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  if (!isSide(width) || !isSide(height) || data.length !== 3 * width * height) {
    throw new RangeError(
      `Cannot restore a picture of ${width}x${height} with ${data.length} samples: ` +
        "its sides must be whole numbers of at least 1, with 3 samples a pixel",
    );
  }
  return picture;
}

function checkRegion(region: Region | undefined, picture: Picture): Region {
  const { x, y, width, height } = region ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const isInside = x >= 0 && y >= 0 && x + width <= picture.width && y + height <= picture.height;
  if (![x, y, width, height].every(Number.isInteger) || !isInside || width < 1 || height < 1) {
    throw new OptionError(
      `Cannot restore the region ${x},${y},${width},${height} of a picture of ${picture.width}x${picture.height}: ` +
        "it must lie inside it, in whole pixels",
    );
  }
  return { x, y, width, height };
}

/** Everything that is sent to the Worker is checked here: a request that cannot be sent would take the picture along. */
function checkOptions(options: RestoreOptions): Omit<PictureOptions, "neighbours" | "region"> {
  const { detail = 1, branches = false, strength = FULL_STRENGTH } = options;
  if (!Number.isFinite(detail)) {
    throw new OptionError(`Cannot restore a picture with detail ${detail}: it must be a finite number`);
  }
  if (typeof branches !== "boolean") {
    throw new TypeError(`Cannot restore a picture with branches ${branches}: it must be true or false`);
  }
  checkStrength(strength);
  const { columns, rows, values } = strength;
  return { detail, branches, strength: { columns, rows, values } };
}
