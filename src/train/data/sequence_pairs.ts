import { dirname } from "node:path";
import type { Picture } from "../../frame.ts";
import type { SequencePair, TrainingPair } from "../batch/make_sample.ts";
import type { PairFiles } from "./pair_files.ts";

/**
 * Pairs that know the frames before and after: those of the same folder whose numbers, the last digits of their names, are one less and
 * one more.
 *
 * @param read Decodes a picture.
 */
export function sequencePairs(
  pairs: readonly PairFiles[],
  read: (path: string) => Promise<Picture>,
): SequencePair[] {
  const byPlace = new Map(pairs.map((pair) => [placeOf(pair, 0), pair]));
  const reading = ({ blurry, sharp }: PairFiles) => async (): Promise<TrainingPair> => ({
    blurry: await read(blurry),
    sharp: await read(sharp),
  });
  return pairs.map((pair) => {
    const previous = byPlace.get(placeOf(pair, -1));
    const next = byPlace.get(placeOf(pair, 1));
    return {
      read: reading(pair),
      ...(previous && { previous: reading(previous) }),
      ...(next && { next: reading(next) }),
    };
  });
}

/** The same by sequence: the folder they are in. */
export function sequencesOf(
  pairs: readonly PairFiles[],
  read: (path: string) => Promise<Picture>,
): SequencePair[][] {
  const all = sequencePairs(pairs, read);
  const byFolder = Map.groupBy(all.keys(), (i) => dirname(pairs[i]?.blurry ?? ""));
  return [...byFolder.values()].map((places) => places.flatMap((i) => all[i] ?? []));
}

/** Folder and number of the frame so many further on; of a name without a number something that no other pair has. */
function placeOf({ name, blurry }: PairFiles, further: number): string {
  const [, stem, digits] = /^(.*?)(\d+)$/.exec(name) ?? [];
  if (digits === undefined) return further === 0 ? name : `${name} has no number`;
  return `${dirname(blurry)} ${stem} ${BigInt(digits) + BigInt(further)}`;
}
