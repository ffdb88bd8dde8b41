import { copyPicture, type Picture } from "../../frame.ts";
import type { Engine, Neighbours, Restored } from "../../model/engine/engine.ts";
import {
  blockDifference,
  type ChangedPicture,
  changedPicture,
  detailToFuse,
  fuseNeighbours,
} from "../../motion/fuse_neighbours.ts";
import type { PairFiles } from "../data/pair_files.ts";
import type { PictureCache } from "../data/picture_cache.ts";
import { neighboursOf, type PairNeighbours } from "../data/sequence_pairs.ts";

/** Restores the pictures of sequences, each once, as long as they are asked for in their order. */
export class RestoredSequence {
  readonly #engine: Engine;
  readonly #beside: ReadonlyMap<PairFiles, PairNeighbours>;
  readonly #cache: PictureCache;
  readonly #restored = new Map<PairFiles, Promise<TimedResult>>();

  constructor(engine: Engine, pairs: readonly PairFiles[], cache: PictureCache) {
    const beside = neighboursOf(pairs);
    this.#engine = engine;
    this.#beside = new Map(pairs.map((pair, i) => [pair, beside[i] ?? {}]));
    this.#cache = cache;
  }

  beside(pair: PairFiles): PairNeighbours {
    return this.#beside.get(pair) ?? {};
  }

  /** The blurry pictures beside it. */
  async neighbours(pair: PairFiles): Promise<Neighbours> {
    const { previous, next } = this.beside(pair);
    return {
      ...(previous && { previous: await this.#cache.get(previous.blurry) }),
      ...(next && { next: await this.#cache.get(next.blurry) }),
    };
  }

  /** What the network makes of it by itself. */
  async unfused(pair: PairFiles): Promise<Picture> {
    if (!this.#isFused(pair)) return (await this.restored(pair)).image;
    return (await this.#run(pair, 1)).image;
  }

  /** What the network makes of it, to be fused. */
  restored(pair: PairFiles): Promise<TimedResult> {
    const known = this.#restored.get(pair) ?? this.#restore(pair);
    this.#restored.set(pair, known);
    for (const [oldest] of this.#restored) {
      if (this.#restored.size > KEPT_RESULTS) this.#restored.delete(oldest);
    }
    return known;
  }

  /** The same fused with those beside it, by an engine of three frames. */
  async fused(pair: PairFiles): Promise<{ readonly image: Picture; readonly secondsToFuse: number }> {
    const here = await this.restored(pair);
    if (!this.#isFused(pair)) return { image: here.image, secondsToFuse: 0 };
    const { previous, next } = this.beside(pair);
    const beside = [previous && await this.restored(previous), next && await this.restored(next)];
    const startedAt = performance.now();
    const image = fuseNeighbours(here.changed, beside.flatMap((one) => one ? [one.changed] : []));
    return { image, secondsToFuse: (performance.now() - startedAt) / 1000 };
  }

  #isFused(pair: PairFiles): boolean {
    const { previous, next } = this.beside(pair);
    return this.#engine.frames === 3 && (previous !== undefined || next !== undefined);
  }

  async #restore(pair: PairFiles): Promise<TimedResult> {
    const detail = this.#engine.frames === 3 ? detailToFuse(this.beside(pair), 1) : 1;
    const { input, image, neighbours: seen, seconds } = await this.#run(pair, detail);
    const changed = changedPicture(image, blockDifference(image, input));
    return { image, changed, seconds, ...(seen !== undefined && { seen }) };
  }

  async #run(pair: PairFiles, detail: number): Promise<Restored & { readonly seconds: number }> {
    const blurry = copyPicture(await this.#cache.get(pair.blurry));
    const neighbours = await this.neighbours(pair);
    const startedAt = performance.now();
    const restored = await this.#engine.run(blurry, { neighbours, detail });
    return { ...restored, seconds: (performance.now() - startedAt) / 1000 };
  }
}

interface TimedResult {
  readonly image: Picture;
  readonly changed: ChangedPicture;
  readonly seconds: number;
  /** Neighbours that the network looked at. */
  readonly seen?: number;
}

/** A picture, those beside it, and one more. */
const KEPT_RESULTS = 4;
