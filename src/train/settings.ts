import { choice, count, number, type Setting, share } from "./setting.ts";

/** Names of losses; see {@linkcode SETTINGS}. */
export const LOSSES = ["squared", "charbonnier", "relative"] as const;

/** Types that convolutions can be computed in; `auto` times both. */
export const PRECISIONS = ["auto", "bfloat16", "float32"] as const;

/** The values of all settings; {@linkcode SETTINGS} describes each. Written out, as types of a published package have to be. */
export interface SettingValues {
  /** See {@linkcode SETTINGS}. */
  readonly steps: number;
  /** See {@linkcode SETTINGS}. */
  readonly batch: number;
  /** See {@linkcode SETTINGS}. */
  readonly crop: number;
  /** See {@linkcode SETTINGS}. */
  readonly rate: number;
  /** See {@linkcode SETTINGS}. */
  readonly schedule: "paper" | "cosine";
  /** See {@linkcode SETTINGS}. */
  readonly loss: typeof LOSSES[number];
  /** See {@linkcode SETTINGS}. */
  readonly averageDecay: number;
  /** See {@linkcode SETTINGS}. */
  readonly pairShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly unblurredShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly reducedShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly turnedShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly colourShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly softShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly compressedShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly missingShare: number;
  /** See {@linkcode SETTINGS}. */
  readonly cameraSpeed: number;
  /** See {@linkcode SETTINGS}. */
  readonly cameraNoise: number;
  /** See {@linkcode SETTINGS}. */
  readonly candidates: number;
  /** See {@linkcode SETTINGS}. */
  readonly sampleUses: number;
  /** See {@linkcode SETTINGS}. */
  readonly reviveEvery: number;
}

/** Name of a setting. */
export type SettingName = keyof SettingValues;

/** Every training setting that a user may choose; `TrainConfig` has a field of each name, and a flag is its name in kebab case. */
export const SETTINGS: { readonly [K in SettingName]: Setting<SettingValues[K]> } = {
  /** Length of the run in steps; a run limited by time derives its progress from time instead. */
  steps: count("Length of the run in steps"),
  /** Not in the paper; 10 is SRN's. */
  batch: count("Crops per step; a batch that does not fit in memory is computed in parts"),
  /** Pixels. */
  crop: count("Side of the crops, in pixels"),
  rate: number("Initial learning rate", "a number above 0", (n) => n > 0 && n < Infinity),
  /** `paper`: rate · (1 − progress)^0.3. `cosine`: a warm-up over 2 %, then half a cosine down to zero. */
  schedule: choice("Learning rate schedule: (1 - progress)^0.3, or a cosine to zero", ["paper", "cosine"]),
  /**
   * `squared` is eq. 2. `charbonnier` is √(d² + 10⁻⁶). `relative` divides each crop's squared error by that of its blurry
   * picture, so that nearly sharp crops count as much as very blurry ones.
   */
  loss: choice("Error that is minimised; squared is the paper's", LOSSES),
  averageDecay: number(
    "Decay of the running average of the weights, which is what the run gives; 0 gives the last weights",
    "a number from 0 to below 1",
    (n) => n >= 0 && n < 1,
  ),
  pairShare: share("crops from pairs, if there are photos too"),
  unblurredShare: share("crops with a sharp input, so that the network learns not to change sharp pictures"),
  reducedShare: share("pair crops at half size: shorter blur, more of the scene"),
  /** Against overfitting to a few pairs; see `cutTurned`. */
  turnedShare: share("pair crops rotated by any angle and downscaled a little"),
  colourShare: share("crops with changed colours, the same in both pictures"),
  /** Defocus and soft lenses are not motion blur. */
  softShare: share(
    "crops with both pictures softened, so that the network learns to tell soft pictures from motion blur",
  ),
  compressedShare: share("crops whose blurry pictures are compressed as JPEG, quality 60 to 95"),
  missingShare: share("crops without the previous frame, the next frame, or both (networks of three frames)"),
  cameraSpeed: number(
    "Mean speed of the virtual camera, in pixels per frame",
    "a number above 0, at most 100",
    (n) => n > 0 && n <= 100,
  ),
  cameraNoise: number(
    "Largest standard deviation of the virtual camera's noise, in grey levels",
    "a number from 0 to 20",
    (n) => n >= 0 && n <= 20,
  ),
  candidates: count("Candidates for each sample, of which the blurriest is used"),
  /** See `batch/sample.ts`. */
  sampleUses: count(
    "How often each sample is used; a sample is larger than a crop, and each use is another part of it",
  ),
  /** See `revive.ts`. */
  reviveEvery: count("Steps between restarts of dead ReLUs; 0 for none", { least: 0 }),
};

/** The settings that decide a sample; the others may change while samples are in use. */
export const SAMPLE_SETTINGS = [
  "crop",
  "candidates",
  "cameraSpeed",
  "cameraNoise",
  "pairShare",
  "unblurredShare",
  "reducedShare",
  "turnedShare",
  "softShare",
  "compressedShare",
] as const satisfies readonly SettingName[];

/** A name from {@linkcode SAMPLE_SETTINGS}. */
export type SampleSetting = typeof SAMPLE_SETTINGS[number];
