import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { pictureSize } from "../data/picture_file.ts";
import { SAMPLE_SETTINGS } from "../settings.ts";
import type { Batch } from "./batch.ts";
import { BatchMaker } from "./batch_maker.ts";
import { samplePath, sampleSide } from "./sample.ts";
import { sampleWindow } from "./sample_window.ts";

/** Options of {@linkcode Batches.open}. */
export interface BatchesOptions {
  /** Real pairs. */
  readonly pairs: readonly PairFiles[];
  /** Paths of sharp pictures. */
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** Step of the first batch. */
  readonly firstStep: number;
  /** Folder for the samples; existing ones of the same data and settings are used. */
  readonly directory: string;
  /** Number of Workers, which does not change samples and batches. @default {one for every two processors, at most 4} */
  readonly workers?: number;
  /** Bytes of decoded pictures to cache in all Workers. @default {a quarter of the memory} */
  readonly memory?: number;
  /** Number of batches to make ahead of time. @default {8} */
  readonly ahead?: number;
}

/**
 * Training batches, made ahead of time in Workers so that TensorFlow does not wait. Expensive work is done once per sample, which is used in many
 * batches, see {@linkcode Sample}. Disposing it ends the Workers and leaves the samples, for a run that is resumed.
 */
export class Batches implements AsyncDisposable {
  readonly #makers: readonly BatchMaker[];
  readonly #config: TrainConfig;
  readonly #directory: string;
  readonly #samples = new Map<number, Promise<void>>();
  readonly #ahead: Promise<Batch>[] = [];
  #step: number;
  #ended: Promise<unknown> | undefined;

  private constructor(makers: readonly BatchMaker[], { config, directory, firstStep }: BatchesOptions) {
    this.#makers = makers;
    this.#config = config;
    this.#directory = directory;
    this.#step = firstStep;
  }

  /** Starts making batches. */
  static async open(options: BatchesOptions): Promise<Batches> {
    const { workers = Math.max(1, Math.min(4, availableParallelism() >> 1)), ahead = 8 } = options;
    const { memory = totalmem() / 4, pairs, photos, config, seed, directory } = options;
    const side = sampleSide(config, await smallestSide([...pairs.map(({ sharp }) => sharp), ...photos]));
    const decisive = ["network", ...SAMPLE_SETTINGS] as const;
    const sampleConfig = Object.fromEntries(decisive.map((name) => [name, config[name]]));
    await prepareFolder(directory, { pairs, photos, ...sampleConfig, seed, side });
    const batches = new Batches(Array.from({ length: workers }, () => new BatchMaker()), options);
    try {
      const material = { pairs, photos, config, seed, side, directory, memory: memory / workers };
      await Promise.all(batches.#makers.map((maker) => maker.open(material)));
    } catch (error) {
      await batches[Symbol.asyncDispose]();
      throw error;
    }
    for (let i = 0; i < ahead; i++) batches.#prepare();
    return batches;
  }

  /** The batch of the next step. @throws {Error} naming a picture that can no longer be read. */
  async next(): Promise<Batch> {
    this.#prepare();
    const batch = await (this.#ahead.shift() as Promise<Batch>);
    await this.#deleteSamples(sampleWindow(this.#config, this.#step - this.#ahead.length).begin);
    return batch;
  }

  /** Deletes all samples, at the end of the run. */
  async clear(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Ends the Workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= Promise.all(this.#makers.map((maker) => maker[Symbol.asyncDispose]()));
    await this.#ended;
  }

  #prepare(): void {
    const step = this.#step++;
    const { begin, end } = sampleWindow(this.#config, step);
    for (let index = begin; index < end; index++) {
      if (this.#samples.has(index)) continue;
      const made = this.#makerOf(index).makeSample(index);
      made.catch(() => {}); // reported by the batch that uses it
      this.#samples.set(index, made);
    }
    const batch = Promise.all([...this.#samples].filter(([index]) => index < end).map(([, made]) => made))
      .then(() => this.#makerOf(step).makeBatch(step));
    batch.catch(() => {}); // reported by next()
    this.#ahead.push(batch);
  }

  #makerOf(number: number): BatchMaker {
    return this.#makers[number % this.#makers.length] as BatchMaker;
  }

  async #deleteSamples(before: number): Promise<void> {
    for (const [index, made] of this.#samples) {
      if (index >= before) break; // they are in order
      await made;
      this.#samples.delete(index);
      await rm(samplePath(this.#directory, index), { force: true });
    }
  }
}

async function smallestSide(paths: readonly string[]): Promise<number> {
  let smallest = Infinity;
  for (const path of paths) {
    const { width, height } = await pictureSize(path);
    smallest = Math.min(smallest, width, height);
  }
  return smallest;
}

/** Creates the folder, and empties it if its samples are of other data or settings. */
async function prepareFolder(directory: string, material: object): Promise<void> {
  const fingerprint = createHash("sha256").update(JSON.stringify(material)).digest("hex");
  const path = join(directory, "material.txt");
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === fingerprint) return;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(path, fingerprint);
}
