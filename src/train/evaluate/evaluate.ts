import { MediaError, OptionError } from "../../errors.ts";
import { copyPicture, type Picture } from "../../frame.ts";
import type { Engine } from "../../model/engine/engine.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { PictureCache } from "../data/picture_cache.ts";
import { readPicture } from "../data/picture_file.ts";
import { flicker } from "./flicker.ts";
import { scoreOnTrajectory, type TrajectoryFiles } from "./koehler.ts";
import { MOST_PSNR, psnr, ssim } from "./metrics.ts";
import { RestoredSequence } from "./restored_sequence.ts";

/** Quality of a restored picture and of the blurry one. PSNR is at most 100 dB, which is that of equal pictures. */
export interface Quality {
  /** PSNR of the blurry picture, in dB. */
  readonly psnrBlurry: number;
  /** PSNR of the restored picture, in dB. */
  readonly psnr: number;
  /** `psnr` − `psnrBlurry`. */
  readonly gain: number;
  /** SSIM of the blurry picture. */
  readonly ssimBlurry: number;
  /** SSIM of the restored picture. */
  readonly ssim: number;
}

/** Mean absolute difference of consecutive pictures after alignment, in grey levels: see {@linkcode flicker}. */
export interface Flicker {
  /** Of the sharp sequence: what moves or changes by itself, and what alignment cannot follow. */
  readonly sharp: number;
  /** Of the blurry one. */
  readonly blurry: number;
  /** Of the restored one. */
  readonly restored: number;
  /** Of those that the other engines restored, by their names. */
  readonly others: Readonly<Record<string, number>>;
}

/** Quality of one picture, and the time it took. */
export interface PictureQuality extends Quality {
  /** Name of the pair. */
  readonly name: string;
  /** Wall-clock seconds the engine took, and fusing. */
  readonly seconds: number;
  /** Neighbours that a network of three frames looked at; absent where none was. */
  readonly neighbours?: number;
  /** Gain of the other engines, in dB, by their names, and of a network of three frames itself, {@linkcode UNFUSED}; absent where there are none. */
  readonly others?: Readonly<Record<string, number>>;
  /** Against the picture before; absent where that is not part of the evaluation. */
  readonly flicker?: Flicker;
}

/** Result of an evaluation. */
export interface Evaluation {
  /** Every picture, in the order of the pairs. */
  readonly pictures: readonly PictureQuality[];
  /** Means over the pictures. */
  readonly mean: Quality;
}

/** Options of {@linkcode evaluate}. */
export interface EvaluatePairsOptions extends EvaluateOptions {
  /** Other engines that restore every picture too, by names of your own. The caller disposes them. @default {none} */
  readonly others?: Readonly<Record<string, Pick<Engine, "run" | "frames">>>;
}

/** Options of {@linkcode evaluate} and {@linkcode evaluateTrajectories}. */
export interface EvaluateOptions {
  /** Called after every picture. */
  readonly onPicture?: (quality: PictureQuality, done: number) => void;
  /** Stops before the next picture with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * PSNR and SSIM of an engine on pairs, on 8-bit RGB, one picture after the other. Pairs whose names are numbered one after the other are a
 * sequence: an engine of three frames is given their neighbours, what it restores is fused as {@linkcode deblur} does, and their flicker is
 * measured. The caller disposes the engine.
 *
 * @param pairs From {@linkcode listPairs}.
 * @throws {MediaError} if a picture cannot be decoded, or is too small; {EngineError} if the engine fails; `signal.reason`.
 */
export function evaluate(
  engine: Engine,
  pairs: readonly PairFiles[],
  options: EvaluatePairsOptions = {},
): Promise<Evaluation> {
  const cache = new PictureCache(CACHE_BYTES);
  const others = Object.entries(options.others ?? {});
  const sequence = new RestoredSequence(engine, pairs, cache);
  let before: readonly Picture[] = [];
  return measure(pairs, options, async (pair, i) => {
    const { previous } = sequence.beside(pair);
    const follows = previous !== undefined && previous === pairs[i - 1];
    const blurry = await cache.get(pair.blurry);
    const sharp = await readPicture(pair.sharp);
    const { seen, seconds } = await sequence.restored(pair);
    const { image, secondsToFuse } = await sequence.fused(pair);
    return {
      blurry,
      image,
      path: pair.blurry,
      seconds: seconds + secondsToFuse,
      ...(seen !== undefined && { neighbours: seen }),
      score: (pictures) =>
        Promise.resolve().then(() =>
          pictures.map((picture) => ({ psnr: psnr(picture, sharp), ssim: ssim(picture, sharp) }))
        ),
      async compare() {
        const compared = [
          ...(engine.frames === 3 ? [[UNFUSED, await sequence.unfused(pair)] as const] : []),
          ...await Promise.all(others.map(async ([name, other]) => {
            const neighbours = other.frames === 3 ? await sequence.neighbours(pair) : {};
            return [name, (await other.run(copyPicture(blurry), { neighbours })).image] as const;
          })),
        ];
        const images = compared.map(([, picture]) => picture);
        const blurryPsnr = boundedPsnr(blurry, sharp);
        const now = [sharp, blurry, image, ...images];
        const flickers = follows && before.length > 0 ? flicker(before, now) : [];
        before = now;
        return {
          ...(compared.length > 0 &&
            { others: byName(compared, images.map((other) => boundedPsnr(other, sharp) - blurryPsnr)) }),
          ...(flickers.length > 0 && { flicker: namedFlicker(compared, flickers) }),
        };
      },
    };
  });
}

/** Name of what a network of three frames gives before it is fused, among {@linkcode PictureQuality.others}. */
export const UNFUSED = "unfused";

/** Memory for pictures that will be a neighbour again. */
const CACHE_BYTES = 2 ** 26;

function namedFlicker(others: readonly Named[], flickers: readonly number[]): Flicker {
  const [sharp = NaN, blurry = NaN, restored = NaN, ...rest] = flickers;
  return { sharp, blurry, restored, others: byName(others, rest) };
}

type Named = readonly [name: string, value: unknown];

function byName(names: readonly Named[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map(([name], i) => [name, values[i] ?? NaN]));
}

function boundedPsnr(picture: Picture, sharp: Picture): number {
  return Math.min(MOST_PSNR, psnr(picture, sharp));
}

/**
 * The same against the reference frames of a camera's trajectory ({@linkcode scoreOnTrajectory}): the measure of Table 2.
 *
 * @param trajectories From {@linkcode listTrajectories}.
 * @throws as {@linkcode evaluate} does.
 */
export function evaluateTrajectories(
  engine: Engine,
  trajectories: readonly TrajectoryFiles[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return measure(trajectories, options, async ({ blurry: path, references }) => {
    const blurry = await readPicture(path);
    const startedAt = performance.now();
    const { image } = await engine.run(copyPicture(blurry));
    return {
      ...{ blurry, image, path },
      seconds: (performance.now() - startedAt) / 1000,
      score: (pictures) =>
        scoreOnTrajectory(pictures, references, options.signal ? { signal: options.signal } : {}),
    };
  });
}

interface Scene extends Pick<PictureQuality, "seconds" | "neighbours"> {
  readonly blurry: Picture;
  /** What was restored of it. */
  readonly image: Picture;
  /** Of `blurry`. */
  readonly path: string;
  /** Quality of each of some pictures. */
  score(pictures: readonly Picture[]): Promise<readonly Pick<Quality, "psnr" | "ssim">[]>;
  /** Further measurements. */
  compare?(): Promise<Pick<PictureQuality, "others" | "flicker">>;
}

async function measure<T extends { readonly name: string }>(
  items: readonly T[],
  { onPicture, signal }: EvaluateOptions,
  open: (item: T, i: number) => Promise<Scene>,
): Promise<Evaluation> {
  if (items.length === 0) throw new OptionError("There are no pictures to evaluate on. Give one or more");
  const pictures: PictureQuality[] = [];
  for (const item of items) {
    signal?.throwIfAborted();
    const { blurry, image, path, seconds, neighbours, score, compare } = await open(item, pictures.length);
    const [before, after] = await scoresOf(path, score([blurry, image]));
    if (before === undefined || after === undefined) throw new TypeError(`"${item.name}" was not scored`);
    const quality = {
      name: item.name,
      psnrBlurry: before.psnr,
      psnr: after.psnr,
      gain: after.psnr - before.psnr,
      ssimBlurry: before.ssim,
      ssim: after.ssim,
      seconds,
      ...(neighbours !== undefined && { neighbours }),
      ...await compare?.(),
    };
    pictures.push(quality);
    onPicture?.(quality, pictures.length);
  }
  return { pictures, mean: meanQuality(pictures) };
}

/** Scores of the picture at `path`, with PSNR limited. */
async function scoresOf(path: string, scores: ReturnType<Scene["score"]>): ReturnType<Scene["score"]> {
  const found = await scores.catch((cause) => {
    throw cause instanceof OptionError ? new MediaError(path, cause.message, { cause }) : cause;
  });
  return found.map(({ psnr, ssim }) => ({ psnr: Math.min(MOST_PSNR, psnr), ssim }));
}

function meanQuality(pictures: readonly Quality[]): Quality {
  const mean = (key: keyof Quality) =>
    pictures.reduce((sum, picture) => sum + picture[key], 0) / pictures.length;
  return {
    psnrBlurry: mean("psnrBlurry"),
    psnr: mean("psnr"),
    gain: mean("gain"),
    ssimBlurry: mean("ssimBlurry"),
    ssim: mean("ssim"),
  };
}
