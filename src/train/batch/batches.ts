import { availableParallelism, totalmem } from "node:os";
import { BatchLane } from "./batch_lane.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import type { Batch } from "./make_batch.ts";

/** Options of {@linkcode Batches.open}. */
export interface BatchesOptions {
  /** Files of real pairs. */
  readonly pairs: readonly PairFiles[];
  /** Paths of sharp pictures. */
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** First step that will be asked for. */
  readonly firstStep: number;
  /** Workers that make batches; a batch is the same whoever makes it. @default {one for every four processors, at most 4} */
  readonly workers?: number;
  /** Bytes of decoded pictures kept, over all Workers. @default {a quarter of the memory} */
  readonly memory?: number;
  /** Batches made before they are asked for, by each Worker. @default {4} */
  readonly ahead?: number;
}

/** Training batches, made ahead of time in Workers so that TensorFlow does not wait. Disposing it ends the Workers. */
export class Batches implements AsyncDisposable {
  readonly #lanes: readonly BatchLane[];
  readonly #ahead: Promise<Batch>[] = [];
  #step: number;

  private constructor(lanes: readonly BatchLane[], firstStep: number) {
    this.#lanes = lanes;
    this.#step = firstStep;
  }

  /** Starts making batches. */
  static async open(options: BatchesOptions): Promise<Batches> {
    const { workers = Math.max(1, Math.min(4, availableParallelism() >> 2)), ahead = 4 } = options;
    const { memory = totalmem() / 4, firstStep, pairs, photos, config, seed } = options;
    const batches = new Batches(Array.from({ length: workers }, () => new BatchLane()), firstStep);
    try {
      const data = { pairs, photos, config, seed, memory: memory / workers };
      await Promise.all(batches.#lanes.map((lane) => lane.open(data)));
    } catch (error) {
      await batches[Symbol.asyncDispose]();
      throw error;
    }
    for (let i = 0; i < ahead * workers; i++) batches.#prepare();
    return batches;
  }

  /** The batch of the next step. @throws {Error} naming a picture that cannot be read any more. */
  async next(): Promise<Batch> {
    this.#prepare();
    return await (this.#ahead.shift() as Promise<Batch>);
  }

  /** Ends the Workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane[Symbol.asyncDispose]()));
  }

  #prepare(): void {
    const step = this.#step++;
    const batch = (this.#lanes[step % this.#lanes.length] as BatchLane).make(step);
    batch.catch(() => {}); // reported by next()
    this.#ahead.push(batch);
  }
}
