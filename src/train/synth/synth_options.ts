import { type Gamma, GAMMAS } from "../camera/light.ts";
import { choice, count, number, type Range, range, type Setting } from "../setting.ts";

/** Names of the recipes; see {@linkcode SYNTH_SETTINGS}. */
export const SYNTH_MODES = ["gopro", "realistic"] as const;

/** A name from {@linkcode SYNTH_MODES}. */
export type SynthMode = typeof SYNTH_MODES[number];

/** The values of all settings of a synthesis; {@linkcode SYNTH_SETTINGS} describes each. */
export interface SynthSettings {
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly mode: SynthMode;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly frames: Range;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly gap: Range;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly gamma: Gamma;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly jpeg: number;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly h264: Range;
  /** See {@linkcode SYNTH_SETTINGS}. */
  readonly seed: number;
}

/** Every setting that decides how pairs are synthesised; a flag has its name. */
export const SYNTH_SETTINGS: { readonly [K in keyof SynthSettings]: Setting<SynthSettings[K]> } = {
  mode: choice(
    'Recipe. gopro is that of the GoPro dataset: 7, 9, 11 or 13 frames (the same number for a whole file), "blur" is the plain mean, ' +
      '"blur_gamma" the mean of x^2.2. realistic is a camera model: linear light, frames lost to readout, saturation, sensor noise; ' +
      'duplicate frames are dropped, no average crosses a scene cut, and only "blur" is written',
    SYNTH_MODES,
  ),
  frames: range(
    "Numbers of frames to average; odd numbers of this range are drawn",
    { least: 1, most: 999 },
    "7..13",
  ),
  gap: range("Frames skipped after each exposure, in mode realistic", { least: 0, most: Infinity }, "0..5"),
  gamma: choice("Curve between sample values and light, in mode realistic", GAMMAS),
  jpeg: count("Compress the blurry pictures as JPEGs of this quality, in mode realistic", { most: 100 }),
  h264: range(
    "Compress the blurry pictures of each source as one H.264 clip, those of photos one by one, in mode realistic; x264's constant " +
      "rate factor is drawn from this range for each source",
    { least: 0, most: 51 },
    "20..32",
  ),
  seed: number("Seed of all random numbers", "a whole number", Number.isSafeInteger),
};

/** Settings of pairs made of photos, besides their size. */
export const PHOTO_SETTINGS: { readonly pairs: Setting<number> } = {
  pairs: count("Number of pairs, for which the photos are used in turn"),
};

/** Values of the settings that are not given. Without `jpeg` and `h264` nothing is compressed. */
export const SYNTH_DEFAULTS: Omit<SynthSettings, "jpeg" | "h264"> = {
  mode: "gopro",
  frames: { least: 7, most: 13 },
  gap: { least: 0, most: 5 },
  gamma: "2.2",
  seed: 1,
};

/** Options of {@linkcode synthesizeFootage} and {@linkcode synthesizePhotos}. */
export interface SynthOptions extends Partial<SynthSettings> {
  /** Average footage of less than 100 frames per second, too. @default {false} */
  readonly force?: boolean;
  /** Replace an output folder that was synthesised before. @default {false} */
  readonly overwrite?: boolean;
  /** Stops the work with its reason; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called after every pair that was written. */
  readonly onPair?: (done: SynthProgress) => void;
}

/** How far a synthesis is. */
export interface SynthProgress {
  /** Pairs written. */
  readonly pairs: number;
  /** Share done, 0 to 1, if known. */
  readonly share?: number;
}
