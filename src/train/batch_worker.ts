/// <reference lib="deno.worker" />
import type { TrainConfig } from "./config.ts";
import { type PairFiles, readPicture } from "./dataset.ts";
import { makeBatch, type TrainingPictures } from "./make_batch.ts";

/** What the trainer says to a batch Worker: first the data, then one number for each step wanted. */
export type BatchRequest =
  | {
    readonly kind: "open";
    readonly pairs: readonly PairFiles[];
    readonly photos: readonly string[];
    readonly config: TrainConfig;
    readonly seed: number;
  }
  | { readonly kind: "step"; readonly step: number };

/** What it answers, in the order of the steps asked for. */
export type BatchReply =
  | { readonly kind: "opened" }
  | {
    readonly kind: "batch";
    readonly step: number;
    readonly blurry: Float32Array<ArrayBuffer>;
    readonly sharp: Float32Array<ArrayBuffer>;
  }
  | { readonly kind: "error"; readonly message: string };

let ready: Promise<(step: number) => BatchReply>;

async function open(request: BatchRequest & { kind: "open" }): Promise<(step: number) => BatchReply> {
  const pictures: TrainingPictures = {
    pairs: await Promise.all(request.pairs.map(async ({ blurry, sharp }) => ({
      blurry: await readPicture(blurry),
      sharp: await readPicture(sharp),
    }))),
    photos: await Promise.all(request.photos.map(readPicture)),
  };
  return (step) => ({ kind: "batch", step, ...makeBatch(pictures, request.config, request.seed, step) });
}

self.onmessage = async ({ data }: MessageEvent<BatchRequest>) => {
  try {
    if (data.kind === "open") {
      await (ready = open(data));
      return self.postMessage({ kind: "opened" } satisfies BatchReply);
    }
    const reply = (await ready)(data.step);
    if (reply.kind === "batch") self.postMessage(reply, [reply.blurry.buffer, reply.sharp.buffer]);
  } catch (error) {
    self.postMessage({ kind: "error", message: String(error) } satisfies BatchReply);
  }
};
