import { EngineError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { Device, Engine, Neighbours, Restored, RestoreOptions } from "./engine.ts";
import { checkStrength, FULL_STRENGTH } from "../restore/strength.ts";
import type { EngineReply, EngineRequest, OpenRequest } from "./worker_messages.ts";

/** Options of {@linkcode WorkerEngine.open}. */
export interface WorkerEngineOptions {
  /** Module that calls `serveEngine`. */
  readonly module: URL;
  readonly concurrency: number;
  readonly signal?: AbortSignal;
}

interface Caller {
  readonly resolve: (reply: EngineReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An engine whose runtime lives in a Worker, because every native runtime blocks its thread while it computes.
 * Pictures are transferred there and back. A runtime cannot be
 * interrupted inside a picture: after disposing, its thread computes that picture to the end, for nobody; exiting the
 * process ends it at once.
 */
export class WorkerEngine implements Engine {
  readonly device: Device;
  readonly concurrency: number;
  readonly frames: 1 | 3;
  readonly #worker: Worker;
  readonly #callers: Caller[] = [];
  #ended: EngineError | undefined;

  private constructor({ device, config }: OpenRequest, { module, concurrency }: WorkerEngineOptions) {
    this.device = device;
    this.concurrency = concurrency;
    this.frames = config.frames;
    this.#worker = new Worker(module, { type: "module", name: `${device} engine` });
    this.#worker.onmessage = ({ data }: MessageEvent<EngineReply>) => this.#callers.shift()?.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(`its Worker failed: ${event.message}`);
    };
  }

  /**
   * Starts the Worker and loads the network there.
   *
   * @throws {EngineError} if the device cannot run it; `signal.reason` if aborted before it is loaded.
   */
  static async open(request: OpenRequest, options: WorkerEngineOptions): Promise<WorkerEngine> {
    const { signal } = options;
    signal?.throwIfAborted();
    const engine = new WorkerEngine(request, options);
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      await Promise.race([engine.#ask(request, []), aborted.promise]);
      return engine;
    } catch (error) {
      engine.#end("could not be opened");
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async run(picture: Picture, options: RestoreOptions = {}): Promise<Restored> {
    const { detail = 1, branches = false, strength = FULL_STRENGTH, neighbours = {} } = options;
    const { width, height, data } = checkPicture(picture);
    if (!Number.isFinite(detail)) {
      throw new RangeError(`Cannot restore a picture with detail ${detail}: wanted a finite number`);
    }
    checkStrength(strength);
    const beside = this.frames === 3 ? checkNeighbours(neighbours, picture) : {};
    const own = ownData(data);
    const reply = await this.#ask(
      {
        kind: "run",
        picture: { data: own, width, height },
        options: { detail, branches, strength, neighbours: beside },
      },
      [own.buffer],
    );
    if (reply.kind !== "restored") {
      throw new EngineError(this.device, `answered "${reply.kind}" to a picture`);
    }
    return reply.restored;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end("was disposed before it was done");
    return Promise.resolve();
  }

  async #ask(request: EngineRequest, transfer: ArrayBuffer[]): Promise<EngineReply> {
    if (this.#ended) throw this.#ended;
    const { promise, resolve, reject } = Promise.withResolvers<EngineReply>();
    this.#callers.push({ resolve, reject });
    this.#worker.postMessage(request, transfer);
    const reply = await promise;
    if (reply.kind === "failed") throw new EngineError(this.device, reply.why);
    return reply;
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = new EngineError(this.device, why);
    this.#worker.terminate();
    for (const caller of this.#callers.splice(0)) caller.reject(this.#ended);
  }
}

/** A view would take along whatever else lies in its buffer. */
function ownData(data: Picture["data"]): Picture["data"] {
  return data.byteLength === data.buffer.byteLength ? data : data.slice();
}

/** The neighbours alone, without whatever else a frame carries, to be copied to the Worker. */
function checkNeighbours({ previous, next }: Neighbours, picture: Picture): Neighbours {
  const checked = (name: string, neighbour: Picture): Picture => {
    const { width, height, data } = checkPicture(neighbour);
    if (
      width !== picture.width || height !== picture.height || data.constructor !== picture.data.constructor
    ) {
      throw new RangeError(
        `Cannot restore a picture of ${picture.width}x${picture.height} with a ${name} one of ${width}x${height}: ` +
          "wanted neighbours of its size and depth",
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
        "wanted whole sides of at least 1 and 3 samples a pixel",
    );
  }
  return picture;
}
