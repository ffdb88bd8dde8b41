import { dirname } from "node:path";
import type { Picture } from "../../frame.ts";
import type { PairFiles, TrainingPair } from "./pair_files.ts";

/** A pair of a sequence, decoded on demand. */
export interface SequencePair {
  /** Decodes it. */
  read(): Promise<TrainingPair>;
  /** Decodes the previous frame, if there is one. */
  readonly previous?: () => Promise<TrainingPair>;
  /** Decodes the next frame, if there is one. */
  readonly next?: () => Promise<TrainingPair>;
}

/** The pairs of the frames before and after one. */
export interface PairNeighbours {
  readonly previous?: PairFiles;
  readonly next?: PairFiles;
}

/**
 * Which of some pairs show the frames before and after each: those of the same folder whose numbers (the last digits of their names) are
 * one less and one more.
 */
export function neighboursOf(pairs: readonly PairFiles[]): PairNeighbours[] {
  const byKey = new Map(pairs.map((pair) => [frameKey(pair, 0), pair]));
  return pairs.map((pair) => {
    const previous = byKey.get(frameKey(pair, -1));
    const next = byKey.get(frameKey(pair, 1));
    return { ...(previous && { previous }), ...(next && { next }) };
  });
}

/**
 * Pairs with their neighbouring frames, as {@linkcode neighboursOf} finds them.
 *
 * @param read Decodes a picture.
 */
export function sequencePairs(
  pairs: readonly PairFiles[],
  read: (path: string) => Promise<Picture>,
): SequencePair[] {
  const reading = ({ blurry, sharp }: PairFiles) => async (): Promise<TrainingPair> => ({
    blurry: await read(blurry),
    sharp: await read(sharp),
  });
  const neighbours = neighboursOf(pairs);
  return pairs.map((pair, i) => {
    const { previous, next } = neighbours[i] ?? {};
    return {
      read: reading(pair),
      ...(previous && { previous: reading(previous) }),
      ...(next && { next: reading(next) }),
    };
  });
}

/** The same, grouped by sequence, which is the folder. */
export function sequencesOf(
  pairs: readonly PairFiles[],
  read: (path: string) => Promise<Picture>,
): SequencePair[][] {
  const all = sequencePairs(pairs, read);
  const byFolder = Map.groupBy(all.keys(), (i) => dirname(pairs[i]?.blurry ?? ""));
  return [...byFolder.values()].map((places) => places.flatMap((i) => all[i] ?? []));
}

/** A key of the frame `offset` frames later; a name without a number has neighbours that no pair matches. */
function frameKey({ name, blurry }: PairFiles, offset: number): string {
  const [, stem, digits] = /^(.*?)(\d+)$/.exec(name) ?? [];
  if (digits === undefined) return offset === 0 ? name : `${name} has no number`;
  return `${dirname(blurry)} ${stem} ${BigInt(digits) + BigInt(offset)}`;
}
