import type { Batch } from "./batch.ts";
import type { BatchMaterial, BatchReply, BatchRequest } from "./batch_worker.ts";

/** One Worker that makes samples and batches, in the order in which they are asked for. Disposing it ends the Worker. */
export class BatchLane implements AsyncDisposable {
  readonly #worker = new Worker(new URL("./batch_worker.ts", import.meta.url), { type: "module" });
  readonly #waiting: { resolve: (reply: BatchReply) => void; reject: (error: Error) => void }[] = [];
  #hasFailed = false;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<BatchReply>) => {
      const caller = this.#waiting.shift();
      if (data.kind === "error") caller?.reject(new Error(`Cannot make a training batch: ${data.message}`));
      else caller?.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#hasFailed = true;
      for (const caller of this.#waiting.splice(0)) {
        caller.reject(new Error(`Cannot make training batches: ${event.message}`));
      }
    };
  }

  /** Says what to make batches of. */
  async open(material: BatchMaterial): Promise<void> {
    await this.#ask({ kind: "open", ...material });
  }

  /** Makes the file of a sample. */
  async makeSample(index: number): Promise<void> {
    await this.#ask({ kind: "sample", index });
  }

  /** The batch of a step, whose samples have to be there. */
  async makeBatch(step: number): Promise<Batch> {
    const reply = await this.#ask({ kind: "batch", step });
    if (reply.kind !== "batch") throw new Error(`Cannot use the batch Worker's answer "${reply.kind}"`);
    return reply.batch;
  }

  /** Ends the Worker, after the picture it is reading: libvips must not finish one for a thread that is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasFailed) await this.#ask({ kind: "close" }).catch(() => {}); // it failed meanwhile: the callers know
    this.#worker.terminate();
  }

  #ask(request: BatchRequest): Promise<BatchReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }
}
