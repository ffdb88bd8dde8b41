import { messageOf } from "../../errors.ts";
import { SerialWorker } from "../../worker/serial_worker.ts";
import type { Batch } from "./batch.ts";
import type { BatchCalls, BatchMaterial } from "./batch_worker.ts";

/** One Worker that makes samples and batches, in the order in which they are asked for. Disposing it ends the Worker. */
export class BatchLane implements AsyncDisposable {
  readonly #worker = new SerialWorker<BatchCalls>(new URL("./batch_worker.ts", import.meta.url), "batches");

  /** Says what to make batches of. */
  async open(material: BatchMaterial): Promise<void> {
    await this.#call("open", material);
  }

  /** Makes the file of a sample. */
  async makeSample(index: number): Promise<void> {
    await this.#call("sample", index);
  }

  /** The batch of a step, whose samples have to be there. */
  async makeBatch(step: number): Promise<Batch> {
    return await this.#call("batch", step);
  }

  /** Ends the Worker, after the picture it is reading: libvips must not finish one for a thread that is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.close(new Error("the trainer has stopped"));
  }

  async #call<K extends keyof BatchCalls>(
    name: K,
    argument: BatchCalls[K]["argument"],
  ): Promise<BatchCalls[K]["result"]> {
    try {
      return await this.#worker.call(name, argument);
    } catch (cause) {
      throw new Error(`Cannot make a training batch: ${messageOf(cause)}`, { cause });
    }
  }
}
