import type { ReportProgress } from "./answer_calls.ts";
import type { CallAnswer, CallRequest, Calls } from "./calls.ts";

interface Caller {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: ReportProgress;
}

/** Options of {@linkcode SerialWorker.call}. */
export interface CallOptions {
  /** Buffers of the argument that go along instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
  /** Called as the call goes on, if it says how far it is. */
  readonly onProgress?: ReportProgress;
}

/** A Worker that answers calls one after another, in their order. Its module calls `answerCalls`. */
export class SerialWorker<C extends Calls> {
  readonly #worker: Worker;
  readonly #callers: Caller[] = [];
  #endedWith: Error | undefined;

  /** @param name Shown in debuggers. */
  constructor(module: URL, name: string) {
    this.#worker = new Worker(module, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<CallAnswer>) => {
      if (data.kind === "progress") return this.#callers[0]?.onProgress?.(data.done, data.total);
      const caller = this.#callers.shift();
      if (data.kind === "result") caller?.resolve(data.result);
      else caller?.reject(new Error(data.message));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.terminate(new Error(`its Worker failed: ${event.message}`));
    };
  }

  /**
   * Makes a call, after those that were made before.
   *
   * @throws {Error} with the message of the call's failure.
   * @throws {DOMException} `DataCloneError` if `argument` cannot be sent.
   * @throws the reason given to {@linkcode terminate}.
   */
  async call<K extends keyof C & string>(
    name: K,
    argument: C[K]["argument"],
    options: CallOptions = {},
  ): Promise<C[K]["result"]> {
    return await this.#ask({ kind: "call", name, argument }, options);
  }

  /**
   * Lets the Worker finish the call it is at, fails the calls after it, and ends the Worker.
   *
   * @param reason What later calls are rejected with.
   */
  async close(reason: Error): Promise<void> {
    await this.#ask({ kind: "close" }).catch(() => undefined); // it has failed already, as its callers know
    this.terminate(reason);
  }

  /** Ends the Worker at once, in the middle of a call. @param reason What every open and later call is rejected with. */
  terminate(reason: Error): void {
    if (this.#endedWith !== undefined) return;
    this.#endedWith = reason;
    this.#worker.terminate();
    for (const caller of this.#callers.splice(0)) caller.reject(reason);
  }

  async #ask(request: CallRequest, { transfer = [], onProgress }: CallOptions = {}): Promise<unknown> {
    if (this.#endedWith !== undefined) throw this.#endedWith;
    // Before the caller is queued: a request that cannot be sent gets no answer.
    this.#worker.postMessage(request, [...transfer]);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#callers.push({ resolve, reject, ...(onProgress && { onProgress }) });
    return await promise;
  }
}
