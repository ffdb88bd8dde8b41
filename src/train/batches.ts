import type { BatchReply, BatchRequest } from "./batch_worker.ts";
import type { TrainConfig } from "./config.ts";
import type { PairFiles } from "./dataset.ts";
import type { Batch } from "./make_batch.ts";

/** Options of {@linkcode Batches.open}. */
export interface BatchesOptions {
  readonly pairs: readonly PairFiles[];
  /** Paths of sharp pictures. */
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** First step that will be asked for. */
  readonly firstStep: number;
  /** Batches made before they are asked for. @default {4} */
  readonly ahead?: number;
}

/** Training batches, made ahead of time in a Worker so that TensorFlow never waits. Disposing it ends the Worker. */
export class Batches implements Disposable {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (reply: BatchReply) => void; reject: (error: Error) => void }[] = [];
  readonly #ahead: Promise<BatchReply>[] = [];
  #step: number;

  private constructor(worker: Worker, firstStep: number) {
    this.#worker = worker;
    this.#step = firstStep;
    worker.onmessage = ({ data }: MessageEvent<BatchReply>) => {
      const caller = this.#waiting.shift();
      if (data.kind === "error") caller?.reject(new Error(`Cannot make a training batch: ${data.message}`));
      else caller?.resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const caller of this.#waiting.splice(0)) {
        caller.reject(new Error(`Cannot make training batches: ${event.message}`));
      }
    };
  }

  /** Decodes every picture, then starts making batches. */
  static async open({ ahead = 4, firstStep, ...data }: BatchesOptions): Promise<Batches> {
    const worker = new Worker(new URL("./batch_worker.ts", import.meta.url), { type: "module" });
    const batches = new Batches(worker, firstStep);
    try {
      await batches.#ask({ kind: "open", ...data });
    } catch (error) {
      worker.terminate();
      throw error;
    }
    for (let i = 0; i < ahead; i++) batches.#prepare();
    return batches;
  }

  /** The batch of the next step. */
  async next(): Promise<Batch> {
    this.#prepare();
    const reply = await (this.#ahead.shift() as Promise<BatchReply>);
    if (reply.kind !== "batch") throw new Error(`Cannot use the batch Worker's answer "${reply.kind}"`);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #prepare(): void {
    const reply = this.#ask({ kind: "step", step: this.#step++ });
    reply.catch(() => {}); // reported by next()
    this.#ahead.push(reply);
  }

  #ask(request: BatchRequest): Promise<BatchReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }
}
