import {
  type NetworkConfig,
  type Preset,
  PRESETS,
  sizeMultiple,
  validateConfig,
} from "../model/network/config.ts";
import { checkSettings, invalidSetting } from "./setting.ts";
import { SETTINGS, type SettingValues } from "./settings.ts";

/** How a network is trained. The defaults are the paper's; a preset states what differs, and why. */
export interface TrainConfig extends SettingValues {
  /** Shape of the network. */
  readonly network: NetworkConfig;
  /** αᵢ of eq. 2, one for each scale, coarsest first. */
  readonly scaleWeights: readonly number[];
  /** Adam's β₁, β₂ and ε. */
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number };
  /** Initial gain of each residual block's second convolution; the last layer starts at zero unless this is 1. */
  readonly residualGain: number;
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
  cameraSpeed: 9,
  cameraNoise: 1.2,
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
  unblurredShare: 0.25,
  reducedShare: 0.15,
  turnedShare: 0.35,
  colourShare: 0.7,
  softShare: 0.15,
  compressedShare: 0.05,
  missingShare: 0.15,
  cameraSpeed: 15, // half of the crops of real pairs are below 23 dB, half of those of photos at speed 9 below 29
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
 * @throws {OptionError} naming the first field whose value is not valid, and what is.
 */
export function validateTrainConfig(config: TrainConfig): TrainConfig {
  const network = validateConfig(config.network);
  checkSettings(SETTINGS, { ...config });
  const multiple = sizeMultiple(network);
  if (config.crop % multiple !== 0) {
    throw invalidSetting("crop", config.crop, `a multiple of ${multiple} for this network`);
  }
  const { residualGain, scaleWeights } = config;
  if (!Number.isFinite(residualGain)) throw invalidSetting("residualGain", residualGain, "a number");
  if (scaleWeights.length !== network.scales || !scaleWeights.every((weight) => weight >= 0)) {
    throw invalidSetting(
      "scaleWeights",
      scaleWeights,
      `${network.scales} numbers from 0, one for each scale`,
    );
  }
  return config;
}
