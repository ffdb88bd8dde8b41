import { MediaError, OptionError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { Engine } from "../../model/engine/engine.ts";
import { type PairFiles, readPair } from "../data/pair_files.ts";
import { readPicture } from "../data/picture_file.ts";
import { scoreOnTrajectory, type TrajectoryFiles } from "./koehler.ts";
import { MOST_PSNR, psnr, ssim } from "./metrics.ts";

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

/** Quality of one picture, and the time it took. */
export interface PictureQuality extends Quality {
  /** Name of the pair. */
  readonly name: string;
  /** Wall-clock seconds the engine took. */
  readonly seconds: number;
}

/** Result of an evaluation. */
export interface Evaluation {
  /** Every picture, in the order of the pairs. */
  readonly pictures: readonly PictureQuality[];
  /** Means over the pictures. */
  readonly mean: Quality;
}

/** Options of {@linkcode evaluate} and {@linkcode evaluateTrajectories}. */
export interface EvaluateOptions {
  /** Called after every picture. */
  readonly onPicture?: (quality: PictureQuality, done: number) => void;
  /** Stops before the next picture with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * PSNR and SSIM of an engine on pairs, on 8-bit RGB, one picture after the other. The caller disposes the engine.
 *
 * @param pairs From {@linkcode listPairs}.
 * @throws {MediaError} if a picture cannot be decoded, or is too small; {EngineError} if the engine fails; `signal.reason`.
 */
export function evaluate(
  engine: Engine,
  pairs: readonly PairFiles[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return measure(engine, pairs, options, async (pair) => {
    const { blurry, sharp } = await readPair(pair);
    return {
      blurry,
      path: pair.blurry,
      score: (pictures) =>
        Promise.resolve().then(() =>
          pictures.map((picture) => ({ psnr: psnr(picture, sharp), ssim: ssim(picture, sharp) }))
        ),
    };
  });
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
  return measure(engine, trajectories, options, async ({ blurry, references }) => ({
    blurry: await readPicture(blurry),
    path: blurry,
    score: (pictures) =>
      scoreOnTrajectory(pictures, references, options.signal ? { signal: options.signal } : {}),
  }));
}

interface Scene {
  readonly blurry: Picture;
  /** Of `blurry`. */
  readonly path: string;
  /** Quality of each of some pictures. */
  score(pictures: readonly Picture[]): Promise<readonly Pick<Quality, "psnr" | "ssim">[]>;
}

async function measure<T extends { readonly name: string }>(
  engine: Engine,
  items: readonly T[],
  { onPicture, signal }: EvaluateOptions,
  open: (item: T) => Promise<Scene>,
): Promise<Evaluation> {
  if (items.length === 0) throw new OptionError("There are no pictures to evaluate on. Give one or more");
  const pictures: PictureQuality[] = [];
  for (const item of items) {
    signal?.throwIfAborted();
    const { blurry, path, score } = await open(item);
    const startedAt = performance.now();
    const { image, input } = await engine.run(blurry);
    const seconds = (performance.now() - startedAt) / 1000;
    const [before, after] = await scoresOf(path, score([input, image]));
    if (before === undefined || after === undefined) throw new TypeError(`"${item.name}" was not scored`);
    const quality = {
      name: item.name,
      psnrBlurry: before.psnr,
      psnr: after.psnr,
      gain: after.psnr - before.psnr,
      ssimBlurry: before.ssim,
      ssim: after.ssim,
      seconds,
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
