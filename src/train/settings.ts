/** One setting of a training: what it may be, what it does, and how a flag sets it. The only place that says so. */
export interface Setting<T extends string | number> {
  /** What it does, as `--help` says it. */
  readonly help: string;
  /** What it has to be: "a whole number of at least 1". */
  readonly takes: string;
  /** How `--help` writes its value: "N", or the words there are. */
  readonly value: string;
  /** Whether it may be this. */
  readonly isRight: (value: unknown) => value is T;
  /** The value that text stands for, right or not. */
  readonly parse: (text: string) => unknown;
}

/** Names of losses; see {@linkcode SETTINGS}. */
export const LOSSES = ["squared", "charbonnier", "relative"] as const;

/** What convolutions are computed in; `auto` times both. */
export const PRECISIONS = ["auto", "bfloat16", "float32"] as const;

function number(help: string, takes: string, isInRange: (value: number) => boolean): Setting<number> {
  return {
    help,
    takes,
    value: "N",
    isRight: (value): value is number => typeof value === "number" && isInRange(value),
    parse: (text) => text.trim() === "" ? NaN : Number(text),
  };
}

function count(help: string, least = 1): Setting<number> {
  return number(help, `a whole number of at least ${least}`, (n) => Number.isSafeInteger(n) && n >= least);
}

function share(help: string): Setting<number> {
  return number(`Share of ${help}`, "a share from 0 to 1", (n) => n >= 0 && n <= 1);
}

function choice<const T extends string>(help: string, words: readonly T[]): Setting<T> {
  const isRight = (value: unknown): value is T => words.some((word) => word === value);
  return { help, takes: words.join(", "), value: words.join("|"), isRight, parse: (text) => text };
}

/** The values of all settings; {@linkcode SETTINGS} says what each is. Written out, as the types of a published package have to be. */
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
  readonly candidates: number;
  /** See {@linkcode SETTINGS}. */
  readonly sampleUses: number;
  /** See {@linkcode SETTINGS}. */
  readonly reviveEvery: number;
}

/** Name of a setting. */
export type SettingName = keyof SettingValues;

/** Every setting that a user may choose; `TrainConfig` has a field of each name, a flag is its name in kebab case. */
export const SETTINGS: { readonly [K in SettingName]: Setting<SettingValues[K]> } = {
  /** Length of the run in steps; a run limited by time derives its progress from time instead. */
  steps: count("Length in steps"),
  /** The paper does not print it; 10 is SRN's. */
  batch: count("Crops a step; what memory does not hold at once is computed in parts"),
  /** Pixels. */
  crop: count("Side of the crops, in pixels"),
  /** At the start. */
  rate: number("Learning rate at the start", "a number above 0", (n) => n > 0 && n < Infinity),
  /** `paper`: rate · (1 − progress)^0.3. `cosine`: a warm-up of 2 %, then half a cosine down to zero. */
  schedule: choice("How the rate falls: (1 - progress)^0.3, or a cosine to zero", ["paper", "cosine"]),
  /**
   * `squared` is eq. 2. `charbonnier` is √(d² + 10⁻⁶). `relative` divides each crop's squared error by what its blurry
   * picture had, so that a crop that is nearly sharp weighs as much as a smeared one and is not sacrificed to it.
   */
  loss: choice("Error to be made small; squared is the paper's", LOSSES),
  /** Of the weights that are shipped; 0 ships the last weights. */
  averageDecay: number(
    "Decay of the running average of the weights that is kept; 0 keeps the last ones",
    "a number from 0 to below 1",
    (n) => n >= 0 && n < 1,
  ),
  pairShare: share("crops from pairs, where there are photos too"),
  unblurredShare: share("crops given sharp, to learn to leave them alone"),
  reducedShare: share("pair crops taken at half size: shorter blur, more of the scene"),
  /** What a few pairs show is soon known by heart; see `cutTurned`. */
  turnedShare: share("pair crops turned by any angle and a bit reduced"),
  colourShare: share("crops in other colours, blurry and sharp alike"),
  /** What is out of focus, or a soft lens, has not moved. */
  softShare: share("crops softened, blurry and sharp alike, so that softness is told from movement"),
  compressedShare: share("crops whose blurry pictures went through JPEG of quality 60 to 95"),
  missingShare: share("crops without the frame before, the one after, or both (networks of three frames)"),
  cameraSpeed: number(
    "Mean speed of the virtual camera, in pixels a frame",
    "a speed above 0 and up to 100",
    (n) => n > 0 && n <= 100,
  ),
  candidates: count("Samples looked at for each one used, the most blurred one"),
  /** See `batch/sample.ts`. */
  sampleUses: count("How often what a crop is cut out of is used, each time another part of it"),
  /** See `revive.ts`. */
  reviveEvery: count("Steps between starting dead ReLUs again; 0 lets them be", 0),
};

/** Every name, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS) as SettingName[];

/** The setting's flag, without its dashes: "pair-share". */
export function flagOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The settings that decide a sample; the others may change while samples are in use. */
export type SampleSetting =
  | "crop"
  | "pairShare"
  | "unblurredShare"
  | "reducedShare"
  | "turnedShare"
  | "softShare"
  | "compressedShare"
  | "cameraSpeed"
  | "candidates";
