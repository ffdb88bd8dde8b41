/// <reference lib="deno.worker" />
import { readFile, writeFile } from "node:fs/promises";
import { messageOf } from "../../errors.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { PictureCache } from "../data/picture_cache.ts";
import { sequencesOf } from "../data/sequence_pairs.ts";
import { createRandom } from "../random.ts";
import { assembleBatch } from "./assemble_batch.ts";
import type { Batch } from "./batch.ts";
import { makeSample, type TrainingPictures } from "./make_sample.ts";
import { decodeSample, encodeSample, type Sample, samplePath } from "./sample.ts";
import { sampleWindow } from "./sample_window.ts";

/** What a batch Worker needs to know before it can make anything. */
export interface BatchMaterial {
  readonly pairs: readonly PairFiles[];
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** Side of samples, pixels. */
  readonly side: number;
  /** Folder of the samples' files. */
  readonly directory: string;
  /** Bytes of decoded pictures to keep. */
  readonly memory: number;
}

/** What the trainer says to a batch Worker: first the material, then which sample or which step's batch to make, then that it is over. */
export type BatchRequest =
  | ({ readonly kind: "open" } & BatchMaterial)
  | { readonly kind: "sample"; readonly index: number }
  | { readonly kind: "batch"; readonly step: number }
  | { readonly kind: "close" };

/** What it answers, in the order in which it was asked. */
export type BatchReply =
  | { readonly kind: "done" }
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "error"; readonly message: string };

/** Makes samples, as files that all Workers of a run share, and batches out of them. */
class BatchMaker {
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

  /** Makes the file of a sample, unless a run that was interrupted has made it. */
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
      if (sample === undefined) throw new Error(`${this.#path(index)} is gone or damaged`);
      samples.push(sample);
    }
    return assembleBatch(samples, config, random);
  }

  async #read(index: number): Promise<Sample | undefined> {
    const { config, side } = this.#material;
    const bytes = await readFile(this.#path(index)).catch((error) => {
      if (error.code === "ENOENT") return undefined;
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

let isClosing = false;
let maker: BatchMaker | undefined;

async function answer(request: BatchRequest): Promise<BatchReply> {
  if (request.kind === "close") return { kind: "done" };
  if (isClosing) throw new Error("The trainer has stopped");
  if (request.kind === "open") {
    maker = new BatchMaker(request);
    return { kind: "done" };
  }
  if (maker === undefined) throw new Error("It was asked for something before it was opened");
  if (request.kind === "batch") return { kind: "batch", batch: await maker.makeBatch(request.step) };
  await maker.makeSample(request.index);
  return { kind: "done" };
}

function buffers(reply: BatchReply): ArrayBuffer[] {
  if (reply.kind !== "batch") return [];
  const { blurry, sharp, neighbours } = reply.batch;
  return [blurry, sharp, ...neighbours.flatMap(({ moved, flow }) => [moved, flow])].map(({ buffer }) =>
    buffer
  );
}

let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<BatchRequest>) => {
  isClosing ||= data.kind === "close";
  last = last // one after the other: answers are told apart by their order
    .then(() => answer(data))
    .catch((error): BatchReply => ({ kind: "error", message: messageOf(error) }))
    .then((reply) => self.postMessage(reply, buffers(reply)));
};
