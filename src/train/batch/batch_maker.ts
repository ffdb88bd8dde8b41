import { messageOf } from "../../errors.ts";
import { SerialWorker } from "../../worker/serial_worker.ts";
import type { Batch } from "./batch.ts";
import type { BatchCalls, BatchMaterial } from "./batch_worker.ts";

/** A Worker that makes samples and batches, in the order of the calls. Disposing it ends the Worker. */
export class BatchMaker implements AsyncDisposable {
  readonly #worker = new SerialWorker<BatchCalls>(new URL("./batch_worker.ts", import.meta.url), "batches");

  /** Sets the data and settings of the batches. */
  async open(material: BatchMaterial): Promise<void> {
    await this.#call("open", material);
  }

  /** Writes the file of a sample. */
  async makeSample(index: number): Promise<void> {
    await this.#call("sample", index);
  }

  /** Makes the batch of a step, whose samples must have been made. */
  async makeBatch(step: number): Promise<Batch> {
    return await this.#call("batch", step);
  }

  /** Ends the Worker after its current call, because libvips must not finish a picture for a thread that has ended. */
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
