import type { Picture } from "../../frame.ts";
import { recodeH264 } from "./recode_h264.ts";
import type { BlurKind } from "../data/pair_files.ts";
import type { Exposure, SynthPair } from "./exposure.ts";

/** Options of {@linkcode finishClip}. */
export interface FinishClipOptions {
  /** Constant rate factor of x264. @default {none: no H.264} */
  readonly crf?: number | undefined;
  /** What errors call the clip. */
  readonly name: string;
}

/**
 * Ends the exposures of one source, in order, and passes their blurry pictures through H.264 as the frames of one clip if a
 * `crf` is given; sharp ones stay as they are. With H.264 a pair comes about a dozen exposures after its own went in, and depends on
 * them and on those before.
 *
 * @returns What came in, with the pair it became.
 * @throws {RangeError} if H.264 is wanted of more than one blurry picture a pair.
 */
export async function* finishClip<T extends { readonly exposure: Exposure }>(
  exposures: AsyncIterable<T> | Iterable<T>,
  { crf, name }: FinishClipOptions,
): AsyncGenerator<T & { readonly pair: SynthPair }> {
  const finished = finish(exposures);
  if (crf === undefined) return yield* finished;
  const inside: { readonly item: T & { readonly pair: SynthPair }; readonly folder: BlurKind }[] = [];
  const blurry = async function* (): AsyncGenerator<Picture> {
    for await (const item of finished) {
      const [[folder, picture] = [], ...more] = item.pair.blurry;
      if (folder === undefined || picture === undefined || more.length > 0) {
        throw new RangeError(
          `Cannot pass ${item.pair.blurry.size} blurry pictures a pair through H.264; wanted one`,
        );
      }
      inside.push({ item, folder });
      yield picture;
    }
  };
  for await (const picture of recodeH264(blurry(), { crf, name })) {
    const first = inside.shift();
    if (first === undefined) throw new RangeError(`${name}: H.264 gave more pictures than it got`);
    const { item, folder } = first;
    yield { ...item, pair: { ...item.pair, blurry: new Map([[folder, picture]]) } };
  }
}

async function* finish<T extends { readonly exposure: Exposure }>(exposures: AsyncIterable<T> | Iterable<T>) {
  for await (const item of exposures) yield { ...item, pair: await item.exposure.finish() };
}
