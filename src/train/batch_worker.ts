import { answerCalls } from "../worker/answer_calls.ts";
import type { TrainConfig } from "./config.ts";
import type { PairFiles } from "./dataset.ts";
import { type Batch, makeBatch, type TrainingPictures } from "./make_batch.ts";
import { PictureCache } from "./picture_cache.ts";

/** What a batch Worker makes batches of. */
export interface BatchData {
  readonly pairs: readonly PairFiles[];
  readonly photos: readonly string[];
  readonly config: TrainConfig;
  readonly seed: number;
  /** Bytes of decoded pictures to keep. */
  readonly memory: number;
}

/** The calls of a batch Worker: `open` once, then `make` with the number of each step. */
export type BatchCalls = {
  readonly open: { readonly argument: BatchData; readonly result: void };
  readonly make: { readonly argument: number; readonly result: Batch };
};

let make: (step: number) => Promise<Batch> = () =>
  Promise.reject(new Error("it was given a step before data"));

answerCalls<BatchCalls>({
  open({ pairs, photos, config, seed, memory }) {
    const cache = new PictureCache(memory);
    const pictures: TrainingPictures = {
      pairs: pairs.map(({ blurry, sharp }) => async () => ({
        blurry: await cache.get(blurry),
        sharp: await cache.get(sharp),
      })),
      photos: photos.map((photo) => () => cache.get(photo)),
    };
    make = (step) => makeBatch(pictures, config, seed, step);
    return Promise.resolve({ result: undefined });
  },
  async make(step) {
    const batch = await make(step);
    return { result: batch, transfer: [batch.blurry.buffer, batch.sharp.buffer] };
  },
});
