import type { Picture } from "../../frame.ts";
import { recodeH264 } from "./recode_h264.ts";
import type { BlurKind } from "../data/pair_files.ts";
import type { Exposure, SynthPair } from "./exposure.ts";

/** Options of {@linkcode finishClip}. */
export interface FinishClipOptions {
  /** Constant rate factor of x264. @default {no compression} */
  readonly crf?: number | undefined;
  /** Name of the clip in errors. */
  readonly name: string;
}

/**
 * Finishes the exposures of one source, in order. With a `crf`, their blurry pictures are compressed as the frames of one H.264 clip;
 * sharp pictures stay as they are. A compressed pair is delivered about a dozen exposures after its own, and depends on these and on
 * earlier ones.
 *
 * @returns Each item with its pair.
 * @throws {RangeError} if a pair with more than one blurry picture is to be compressed.
 */
export async function* finishClip<T extends { readonly exposure: Exposure }>(
  exposures: AsyncIterable<T> | Iterable<T>,
  { crf, name }: FinishClipOptions,
): AsyncGenerator<T & { readonly pair: SynthPair }> {
  const finished = finish(exposures);
  if (crf === undefined) return yield* finished;
  const waiting: { readonly item: T & { readonly pair: SynthPair }; readonly folder: BlurKind }[] = [];
  const blurry = async function* (): AsyncGenerator<Picture> {
    for await (const item of finished) {
      const [[folder, picture] = [], ...more] = item.pair.blurry;
      if (folder === undefined || picture === undefined || more.length > 0) {
        throw new RangeError(
          `Cannot compress ${item.pair.blurry.size} blurry pictures per pair as one H.264 clip: only one is supported`,
        );
      }
      waiting.push({ item, folder });
      yield picture;
    }
  };
  for await (const picture of recodeH264(blurry(), { crf, name })) {
    const first = waiting.shift();
    if (first === undefined) throw new RangeError(`${name}: H.264 returned more pictures than it was given`);
    const { item, folder } = first;
    yield { ...item, pair: { ...item.pair, blurry: new Map([[folder, picture]]) } };
  }
}

async function* finish<T extends { readonly exposure: Exposure }>(exposures: AsyncIterable<T> | Iterable<T>) {
  for await (const item of exposures) yield { ...item, pair: await item.exposure.finish() };
}
