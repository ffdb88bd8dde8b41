import type { CallAnswer, CallRequest, Calls } from "./calls.ts";

interface Caller {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((share: number) => void) | undefined;
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
      if (data.kind === "progress") return this.#callers[0]?.onProgress?.(data.share);
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
   * @param transfer Buffers of `argument` that go along instead of being copied.
   * @param onProgress Called with the share, from 0 to 1, that is done, as far as the call reports it.
   * @throws {Error} with the message of the call's failure.
   * @throws {DOMException} `DataCloneError` if `argument` cannot be sent.
   * @throws the reason given to {@linkcode terminate}.
   */
  async call<K extends keyof C & string>(
    name: K,
    argument: C[K]["argument"],
    transfer: readonly ArrayBuffer[] = [],
    onProgress?: (share: number) => void,
  ): Promise<C[K]["result"]> {
    return await this.#ask({ kind: "call", name, argument }, transfer, onProgress);
  }

  /**
   * Lets the Worker finish the call it is at, fails the calls after it, and ends the Worker.
   *
   * @param reason What later calls are rejected with.
   */
  async close(reason: Error): Promise<void> {
    await this.#ask({ kind: "close" }, []).catch(() => undefined); // it has failed already, as its callers know
    this.terminate(reason);
  }

  /** Ends the Worker at once, in the middle of a call. @param reason What every open and later call is rejected with. */
  terminate(reason: Error): void {
    if (this.#endedWith !== undefined) return;
    this.#endedWith = reason;
    this.#worker.terminate();
    for (const caller of this.#callers.splice(0)) caller.reject(reason);
  }

  async #ask(
    request: CallRequest,
    transfer: readonly ArrayBuffer[],
    onProgress?: (share: number) => void,
  ): Promise<unknown> {
    if (this.#endedWith !== undefined) throw this.#endedWith;
    // Before the caller is queued: a request that cannot be sent gets no answer.
    this.#worker.postMessage(request, [...transfer]);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#callers.push({ resolve, reject, onProgress });
    return await promise;
  }
}
