import { EngineError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { Device, Engine, Restored, RestoreOptions } from "./engine.ts";
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
  readonly #worker: Worker;
  readonly #callers: Caller[] = [];
  #ended: EngineError | undefined;

  private constructor(device: Device, { module, concurrency }: WorkerEngineOptions) {
    this.device = device;
    this.concurrency = concurrency;
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
    const engine = new WorkerEngine(request.device, options);
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
    const { detail = 1, branches = false, strength = FULL_STRENGTH } = options;
    const { width, height, data } = checkPicture(picture);
    if (!Number.isFinite(detail)) {
      throw new RangeError(`Cannot restore a picture with detail ${detail}: wanted a finite number`);
    }
    checkStrength(strength);
    // A view would take along whatever else lies in its buffer.
    const own = data.byteLength === data.buffer.byteLength ? data : data.slice();
    const reply = await this.#ask(
      { kind: "run", picture: { data: own, width, height }, options: { detail, branches, strength } },
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
