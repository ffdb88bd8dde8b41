import { readFile, writeFile } from "node:fs/promises";
import { codeOf } from "../../errors.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { PictureCache } from "../data/picture_cache.ts";
import { sequencesOf } from "../data/sequence_pairs.ts";
import { answerCalls } from "../../worker/answer_calls.ts";
import { createRandom } from "../random.ts";
import { assembleBatch } from "./assemble_batch.ts";
import type { Batch } from "./batch.ts";
import { makeSample, type TrainingPictures } from "./make_sample.ts";
import { decodeSample, encodeSample, type Sample, samplePath } from "./sample.ts";
import { sampleWindow } from "./sample_window.ts";

/** The data and settings of a run's batches. */
export interface BatchMaterial {
  readonly pairs: readonly PairFiles[];
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** Side of samples, pixels. */
  readonly side: number;
  /** Folder of the samples. */
  readonly directory: string;
  /** Bytes of decoded pictures to cache. */
  readonly memory: number;
}

/** The calls of a batch Worker: `open` once, then samples by their number and batches by their step. */
export type BatchCalls = {
  readonly open: { readonly argument: BatchMaterial; readonly result: void };
  readonly sample: { readonly argument: number; readonly result: void };
  readonly batch: { readonly argument: number; readonly result: Batch };
};

/** Makes samples, as files shared by all Workers of a run, and batches of them. */
class Maker {
  readonly #material: BatchMaterial;
  readonly #pictures: TrainingPictures;

  constructor(material: BatchMaterial) {
    this.#material = material;
    const cache = new PictureCache(material.memory);
    this.#pictures = {
      sequences: sequencesOf(material.pairs, (path) => cache.get(path)),
      photos: material.photos.map((photo) => () => cache.get(photo)),
    };
  }

  /** Writes the file of a sample, unless it was written before the run was interrupted. */
  async makeSample(index: number): Promise<void> {
    if (await this.#read(index) !== undefined) return;
    const { config, side, seed } = this.#material;
    const sample = await makeSample(this.#pictures, config, { side, seed, index });
    await writeFile(this.#path(index), encodeSample(sample));
  }

  async makeBatch(step: number): Promise<Batch> {
    const { config, seed } = this.#material;
    const random = createRandom(seed, "batch", step);
    const { begin, end } = sampleWindow(config, step);
    const samples: Sample[] = [];
    for (let i = 0; i < config.batch; i++) {
      const index = begin + Math.floor(random() * (end - begin));
      const sample = await this.#read(index);
      if (sample === undefined) throw new Error(`${this.#path(index)} is missing or damaged`);
      samples.push(sample);
    }
    return assembleBatch(samples, config, random);
  }

  async #read(index: number): Promise<Sample | undefined> {
    const { config, side } = this.#material;
    const bytes = await readFile(this.#path(index)).catch((error) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    return bytes &&
      decodeSample(
        new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
        side,
        config.network.frames - 1,
      );
  }

  #path(index: number): string {
    return samplePath(this.#material.directory, index);
  }
}

let maker: Maker | undefined;

function opened(): Maker {
  if (maker === undefined) throw new Error("The Worker was called before it was opened");
  return maker;
}

answerCalls<BatchCalls>({
  open(material) {
    maker = new Maker(material);
    return Promise.resolve({ result: undefined });
  },
  async sample(index) {
    return { result: await opened().makeSample(index) };
  },
  async batch(step) {
    const batch = await opened().makeBatch(step);
    return { result: batch, transfer: buffersOf(batch) };
  },
});

function buffersOf({ blurry, sharp, neighbours }: Batch): ArrayBuffer[] {
  return [blurry, sharp, ...neighbours.flatMap(({ moved, flow }) => [moved, flow])].map(({ buffer }) =>
    buffer
  );
}
