import {
  type NetworkConfig,
  type Preset,
  PRESETS,
  sizeMultiple,
  validateConfig,
} from "../model/network/config.ts";

/** Names of losses; see {@linkcode TrainConfig.loss}. */
export const LOSSES = ["squared", "charbonnier", "relative"] as const;

/** What convolutions are computed in; `auto` times both. */
export const PRECISIONS = ["auto", "bfloat16", "float32"] as const;

/** Names of the settings that are a share of the crops. */
export type CropShare =
  | "pairShare"
  | "unblurredShare"
  | "reducedShare"
  | "turnedShare"
  | "colourShare"
  | "softShare"
  | "compressedShare"
  | "missingShare";

const SHARES: readonly CropShare[] = [
  "pairShare",
  "unblurredShare",
  "reducedShare",
  "turnedShare",
  "colourShare",
  "softShare",
  "compressedShare",
  "missingShare",
];

/** How a network is trained. Every default is the paper's; a preset names what differs, and why. */
export interface TrainConfig {
  /** Shape of the network. */
  readonly network: NetworkConfig;
  /** Crops a step. The paper does not print it; 10 is SRN's. */
  readonly batch: number;
  /** Side of the square crops, in pixels. */
  readonly crop: number;
  /**
   * `squared` is eq. 2. `charbonnier` is √(d² + 10⁻⁶). `relative` divides each crop's squared error by what its blurry
   * picture had, so that a crop that is nearly sharp weighs as much as a smeared one and is not sacrificed to it.
   */
  readonly loss: typeof LOSSES[number];
  /** αᵢ of eq. 2, coarsest first, one for each scale. */
  readonly scaleWeights: readonly number[];
  /** Learning rate at the start. */
  readonly rate: number;
  /** `paper`: rate · (1 − progress)^0.3. `cosine`: a warm-up of 2 %, then half a cosine down to zero. */
  readonly schedule: "paper" | "cosine";
  /** Length of the run in steps; a run limited by time derives its progress from time instead. */
  readonly steps: number;
  /** Adam's β₁, β₂ and ε. */
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** Decay of the running average of the weights that is shipped; 0 ships the last weights. */
  readonly averageDecay: number;
  /** Initial gain of each residual block's second convolution; the last layer starts at zero unless this is 1. */
  readonly residualGain: number;
  /** Share of crops taken from real pairs, where there are photos too. */
  readonly pairShare: number;
  /** Share of crops in which the sharp picture is also the input: sharp pictures must come back unharmed. */
  readonly unblurredShare: number;
  /** Share of pair crops cut from the pair at half its size: shorter blur, more of the scene. */
  readonly reducedShare: number;
  /** Share of pair crops turned by any angle and a bit reduced, see {@linkcode turnedCrop}: what a few pairs show is soon known by heart. */
  readonly turnedShare: number;
  /** Share of crops in other colours, blurry and sharp alike, see {@linkcode randomColours}. */
  readonly colourShare: number;
  /** Share of crops softened, blurry and sharp alike: what is out of focus, or a soft lens, has not moved. */
  readonly softShare: number;
  /** Share of crops whose exposures went through JPEG of quality 60 to 95, and whose target did not. */
  readonly compressedShare: number;
  /** Of a network of three frames, share of crops that lack the frame before, the one after, or both. */
  readonly missingShare: number;
  /** Mean speed of the virtual camera, pixels a frame. */
  readonly meanDisplacement: number;
  /** Samples looked at for each one used; the one with the largest blur error is kept. */
  readonly candidates: number;
  /** How often each sample is used, each time another part of it, see `batch/sample.ts`. */
  readonly sampleUses: number;
  /** Steps between looking for dead ReLUs and starting them again, see `revive.ts`; 0 lets them be. */
  readonly reviveEvery: number;
}

const PAPER: TrainConfig = {
  network: PRESETS.paper,
  batch: 10,
  crop: 256,
  loss: "squared",
  scaleWeights: [1, 1, 5],
  rate: 1e-4,
  schedule: "paper",
  steps: 4000 * Math.ceil(2103 / 10), // 4000 epochs of GoPro's 2103 pairs
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  averageDecay: 0,
  residualGain: 1,
  pairShare: 1,
  unblurredShare: 0,
  reducedShare: 0,
  turnedShare: 0,
  colourShare: 0,
  softShare: 0,
  compressedShare: 0,
  missingShare: 0,
  meanDisplacement: 9,
  candidates: 1,
  sampleUses: 4,
  reviveEvery: 0,
};

const FAST: TrainConfig = {
  ...PAPER,
  network: PRESETS.fast,
  batch: 8,
  crop: 128,
  rate: 4e-4, // 1e-3 kills these ReLU networks
  schedule: "cosine",
  steps: 20_000,
  averageDecay: 0.999,
  residualGain: 0.1,
  pairShare: 0.5,
  unblurredShare: 0.2,
  reducedShare: 0.4,
  turnedShare: 0.7,
  colourShare: 0.7,
  softShare: 0.15,
  compressedShare: 0.1,
  missingShare: 0.15,
  meanDisplacement: 15, // half of the crops of real pairs are worse than 23 dB; of photos, at 9, worse than 29
  candidates: 1,
  sampleUses: 16,
  reviveEvery: 1000,
};

const SMOKE: TrainConfig = {
  ...FAST,
  network: PRESETS.smoke,
  batch: 2,
  crop: 32,
  scaleWeights: [1, 5],
  rate: 2e-3,
  steps: 40,
  averageDecay: 0,
  candidates: 1,
};

const TRAINING: Record<Preset, TrainConfig> = {
  paper: PAPER,
  "paper-single": { ...PAPER, network: PRESETS["paper-single"] },
  fast: FAST,
  "fast-single": { ...FAST, network: PRESETS["fast-single"] },
  "fast-video": { ...FAST, network: PRESETS["fast-video"] },
  smoke: SMOKE,
  "smoke-video": { ...SMOKE, network: PRESETS["smoke-video"] },
};

/** How the network of a preset is trained by default. */
export function trainConfig(preset: Preset): TrainConfig {
  return TRAINING[preset];
}

/** Learning rate at `progress` (0 … 1) of the run. */
export function learningRate(config: TrainConfig, progress: number): number {
  const left = Math.max(0, 1 - progress);
  if (config.schedule === "paper") return config.rate * left ** 0.3;
  const warmUp = Math.min(1, progress / 0.02 + 0.01);
  return config.rate * warmUp * 0.5 * (1 + Math.cos(Math.PI * (1 - left)));
}

/**
 * Checks a config that comes from outside.
 *
 * @throws {RangeError} naming the first field that is wrong and what was wanted.
 */
export function validateTrainConfig(config: TrainConfig): TrainConfig {
  const network = validateConfig(config.network);
  const wanted = (field: keyof TrainConfig, ok: boolean, what: string) => {
    if (!ok) {
      throw new RangeError(`Cannot train with ${field} ${JSON.stringify(config[field])}: wanted ${what}`);
    }
  };
  for (const field of ["batch", "steps", "candidates", "sampleUses"] as const) {
    wanted(field, Number.isSafeInteger(config[field]) && config[field] >= 1, "a whole number from 1");
  }
  const multiple = sizeMultiple(network);
  wanted("crop", config.crop > 0 && config.crop % multiple === 0, `a multiple of ${multiple}`);
  for (const field of SHARES) {
    wanted(field, config[field] >= 0 && config[field] <= 1, "a share from 0 to 1");
  }
  wanted(
    "reviveEvery",
    Number.isSafeInteger(config.reviveEvery) && config.reviveEvery >= 0,
    "a whole number from 0",
  );
  wanted(
    "meanDisplacement",
    config.meanDisplacement > 0 && config.meanDisplacement <= 100,
    "a length above 0 and up to 100",
  );
  wanted("averageDecay", config.averageDecay >= 0 && config.averageDecay < 1, "a number from 0 to below 1");
  wanted("rate", config.rate > 0 && config.rate < Infinity, "a number above 0");
  wanted("residualGain", Number.isFinite(config.residualGain), "a number");
  wanted(
    "scaleWeights",
    config.scaleWeights.length === network.scales && config.scaleWeights.every((weight) => weight >= 0),
    `${network.scales} numbers from 0, one for each scale`,
  );
  wanted("loss", LOSSES.includes(config.loss), LOSSES.join(", "));
  wanted("schedule", ["paper", "cosine"].includes(config.schedule), "paper or cosine");
  return config;
}
