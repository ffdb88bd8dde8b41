import { OptionError } from "../../errors.ts";
import type { ExposureRecipe } from "./exposure.ts";
import type { Gamma } from "./light.ts";
import { createRandom } from "../random.ts";

/** Whole numbers, both ends included. */
export interface Range {
  /** The smallest. */
  readonly least: number;
  /** The largest. */
  readonly most: number;
}

/** Options of {@linkcode synthesizeFootage} and {@linkcode synthesizePhotos}. */
export interface SynthOptions {
  /**
   * `gopro` is the published recipe of the GoPro dataset and nothing else: 7, 9, 11 or 13 successive frames (one number a
   * sequence), the plain mean as `blur` and the mean of x^2.2 as `blur_gamma`. `realistic` draws the number for every pair, leaves frames
   * out between exposures as a sensor does while it is read, averages in linear light into `blur`, saturates and clips, adds shot
   * and read noise, drops duplicate frames and never averages across a scene cut.
   *
   * @default {"gopro"}
   */
  readonly mode?: SynthMode;
  /** Frames averaged for a pair; odd numbers of this range are drawn. @default {7 to 13} */
  readonly frames?: Range;
  /** Frames left out after each exposure; `realistic` only. @default {0 to 5} */
  readonly gap?: Range;
  /** Curve between bytes and light; `realistic` only. @default {"2.2"} */
  readonly gamma?: Gamma;
  /** JPEG quality, 1 to 100, that blurry pictures pass through; `realistic` only. @default {none} */
  readonly jpeg?: number;
  /**
   * Constant rate factors of x264, 0 to 51: one is drawn for each source, whose blurry pictures pass through H.264 as the frames
   * of one clip, as a phone would have kept them (for each pair of a photo, alone); `realistic` only. @default {none}
   */
  readonly h264?: Range;
  /** Draws everything that is random. @default {1} */
  readonly seed?: number;
  /** Average footage of less than 100 frames a second, too. @default {false} */
  readonly force?: boolean;
  /** Replace an output folder that was synthesised before. @default {false} */
  readonly overwrite?: boolean;
  /** Ends the work with its reason; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called after every pair written. */
  readonly onPair?: (done: SynthProgress) => void;
}

/** Names of the recipes. */
export const SYNTH_MODES = ["gopro", "realistic"] as const;

/** A name from {@linkcode SYNTH_MODES}. */
export type SynthMode = typeof SYNTH_MODES[number];

/** How far a synthesis is. */
export interface SynthProgress {
  /** Pairs written. */
  readonly pairs: number;
  /** Share done, 0 to 1, when known. */
  readonly share?: number;
}

const GOPRO_FRAMES = [7, 9, 11, 13];
/** Of x264. */
const WORST_CRF = 51;

/** Draws recipes: one stream of them for each source. */
export class RecipeSource {
  readonly #options: SynthOptions;
  readonly #key: string;
  readonly #choices: readonly number[];
  readonly #goproFrames: number;
  readonly #crf: number | undefined;

  /**
   * Recipes of one source.
   *
   * @param source Names the source among those of the run.
   * @throws {RangeError} If an option cannot be met by the mode.
   */
  constructor(options: SynthOptions, source: string) {
    checkOptions(options);
    this.#options = options;
    this.#key = `${options.seed ?? 1}/${source}`;
    this.#choices = frameChoices(options);
    this.#goproFrames = pick(this.#choices, createRandom(this.#key));
    this.#crf = options.h264 && drawn(options.h264, createRandom(this.#key, "h264"));
  }

  /** Constant rate factor of H.264, one for the whole source; absent where there is no such pass. */
  get crf(): number | undefined {
    return this.#crf;
  }

  /** Frames of every exposure in `gopro` mode: one number for the whole source. */
  get goproFrames(): number {
    return this.#goproFrames;
  }

  /** The recipe of pair `index`, and how many frames to leave out after it. */
  next(index: number): { readonly recipe: ExposureRecipe; readonly gap: number } {
    const { mode = "gopro", gamma = "2.2", jpeg, gap = { least: 0, most: 5 } } = this.#options;
    if (mode === "gopro") {
      const averages = [{ folder: "blur", gamma: "none" }, { folder: "blur_gamma", gamma: "2.2" }] as const;
      return { recipe: { frames: this.#goproFrames, averages, saturation: 1 }, gap: 0 };
    }
    const random = createRandom(this.#key, index);
    const recipe: ExposureRecipe = {
      frames: pick(this.#choices, random),
      averages: [{ folder: "blur", gamma }],
      saturation: random() < 0.5 ? 1 : 1 + 2 * random(),
      noise: { read: 1.2 * random(), shot: 1.6 * random(), seed: `${this.#key}/${index}/noise` },
      ...(jpeg !== undefined && { jpeg }),
      ...(this.#crf !== undefined && { h264: this.#crf }),
    };
    return { recipe, gap: drawn(gap, random) };
  }
}

function checkOptions({ mode = "gopro", gamma, gap, jpeg, h264, seed = 1 }: SynthOptions): void {
  if (!SYNTH_MODES.includes(mode)) {
    throw new OptionError(`mode is "${mode}", wanted ${SYNTH_MODES.join(" or ")}`);
  }
  if (!Number.isSafeInteger(seed)) throw new OptionError(`seed is ${seed}, wanted a whole number`);
  if (gap !== undefined && !isRange(gap, Infinity)) {
    throw new OptionError(`gap is ${gap.least}..${gap.most}, wanted whole numbers from 0, the smaller first`);
  }
  if (jpeg !== undefined && !(Number.isInteger(jpeg) && jpeg >= 1 && jpeg <= 100)) {
    throw new OptionError(`jpeg is ${jpeg}, wanted a quality from 1 to 100`);
  }
  if (h264 !== undefined && !isRange(h264, WORST_CRF)) {
    throw new OptionError(
      `h264 is ${h264.least}..${h264.most}, wanted whole numbers from 0 to ${WORST_CRF}, the smaller first`,
    );
  }
  if (jpeg !== undefined && h264 !== undefined) {
    throw new OptionError("jpeg and h264 are both given; wanted one codec");
  }
  if (mode !== "gopro") return;
  if (gamma !== undefined && gamma !== "2.2") {
    throw new OptionError(
      `gamma is "${gamma}", but mode gopro always writes the plain mean and that of gamma 2.2; wanted mode realistic`,
    );
  }
  if (gap !== undefined) {
    throw new OptionError("gap is given, but mode gopro leaves no frames out; wanted mode realistic");
  }
  const codec = jpeg !== undefined ? "jpeg" : h264 !== undefined ? "h264" : undefined;
  if (codec !== undefined) {
    throw new OptionError(`${codec} is given, but mode gopro has no codec pass; wanted mode realistic`);
  }
}

/** Whether these are whole numbers from 0 to `highest`, in order. */
function isRange({ least, most }: Range, highest: number): boolean {
  return Number.isInteger(least) && Number.isInteger(most) && 0 <= least && least <= most && most <= highest;
}

function drawn({ least, most }: Range, random: () => number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function frameChoices({ mode = "gopro", frames = { least: 7, most: 13 } }: SynthOptions): number[] {
  const { least, most } = frames;
  if (!(Number.isInteger(least) && Number.isInteger(most) && 1 <= least && least <= most && most <= 999)) {
    throw new OptionError(
      `frames is ${least}..${most}, wanted whole numbers from 1 to 999, the smaller first`,
    );
  }
  const choices: number[] = [];
  for (let n = least | 1; n <= most; n += 2) {
    if (mode !== "gopro" || GOPRO_FRAMES.includes(n)) choices.push(n);
  }
  if (choices.length > 0) return choices;
  const wanted = mode === "gopro"
    ? "7, 9, 11 or 13 in it, as the published recipe has"
    : "an odd number in it, so that one frame is in the middle";
  throw new OptionError(`frames is ${least}..${most}, wanted ${wanted}`);
}

function pick(choices: readonly number[], random: () => number): number {
  return choices[Math.floor(random() * choices.length)] as number;
}
