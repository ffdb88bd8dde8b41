/// <reference lib="deno.worker" />
import { messageOf } from "../../errors.ts";
import type { TrainConfig } from "../config.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { makeBatch, type TrainingPictures } from "./make_batch.ts";
import { PictureCache } from "../data/picture_cache.ts";

/** What the trainer says to a batch Worker: first the data, then one number for each step wanted, then that it is over. */
export type BatchRequest =
  | {
    readonly kind: "open";
    readonly pairs: readonly PairFiles[];
    readonly photos: readonly string[];
    readonly config: TrainConfig;
    readonly seed: number;
    /** Bytes of decoded pictures to keep. */
    readonly memory: number;
  }
  | { readonly kind: "step"; readonly step: number }
  | { readonly kind: "close" };

/** What it answers, in the order in which it was asked. */
export type BatchReply =
  | { readonly kind: "opened" }
  | { readonly kind: "closed" }
  | {
    readonly kind: "batch";
    readonly step: number;
    readonly blurry: Float32Array<ArrayBuffer>;
    readonly sharp: Float32Array<ArrayBuffer>;
  }
  | { readonly kind: "error"; readonly message: string };

let isClosing = false;
let make: (step: number) => Promise<BatchReply>;

function open({ pairs, photos, config, seed, memory }: BatchRequest & { kind: "open" }): typeof make {
  const cache = new PictureCache(memory);
  const pictures: TrainingPictures = {
    pairs: pairs.map(({ blurry, sharp }) => async () => ({
      blurry: await cache.get(blurry),
      sharp: await cache.get(sharp),
    })),
    photos: photos.map((photo) => () => cache.get(photo)),
  };
  return async (step) => ({ kind: "batch", step, ...await makeBatch(pictures, config, seed, step) });
}

async function answer(request: BatchRequest): Promise<void> {
  try {
    if (request.kind === "open") {
      make = open(request);
      return self.postMessage({ kind: "opened" } satisfies BatchReply);
    }
    if (request.kind === "close") return self.postMessage({ kind: "closed" } satisfies BatchReply);
    if (isClosing) throw new Error("The trainer has stopped");
    const reply = await make(request.step);
    if (reply.kind === "batch") self.postMessage(reply, [reply.blurry.buffer, reply.sharp.buffer]);
  } catch (error) {
    const message = messageOf(error);
    self.postMessage({ kind: "error", message } satisfies BatchReply);
  }
}

let last: Promise<void> = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<BatchRequest>) => {
  isClosing ||= data.kind === "close";
  last = last.then(() => answer(data)); // one after the other: answers are told apart by their order
};
