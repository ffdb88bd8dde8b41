/**
 * Shape of an MTDN. Everything the paper prints, and every choice made where it is silent.
 *
 * Printed: 3 × 3 kernels; three residual blocks to each encoder and decoder block; two decoders on one encoder;
 * I = I_up + I_down at every scale (eq. 1); weights θ shared over scales; three scales (α₁ … α₃).
 *
 * Not printed, taken from SRN (Tao et al., CVPR 2018), on which the paper builds: 32/64/128 channels at strides
 * 1, 2, 2; ReLU after every convolution but a residual block's second and the last one; no normalisation; skips by
 * addition; 4 × 4 transposed convolutions; the blurry picture itself as coarse input of the coarsest scale;
 * bilinear resizing; no gradient between scales; intensities in 0 … 1.
 */
export interface NetworkConfig {
  /** Channels of each encoder block, finest first. */
  readonly channels: readonly number[];
  /** Reduction of size by each encoder block: 1, 2 or 4, one for each entry of `channels`. */
  readonly strides: readonly number[];
  /** Residual blocks in each encoder and decoder block. */
  readonly residualBlocks: number;
  /** Levels of the picture pyramid, each half the size of the next. */
  readonly scales: number;
  /** 3: the network also sees the frames before and after, moved onto this one. Our addition, for video. */
  readonly frames: 1 | 3;
  /** `false` leaves out the *down* branch: the ablation "w/o TWN" of Table 1. */
  readonly twoWay: boolean;
  /** Add the blurry picture to the *up* branch, so that the network learns only the difference. Our choice for the fast presets. */
  readonly inputSkip: boolean;
}

const PAPER: NetworkConfig = {
  channels: [32, 64, 128],
  strides: [1, 2, 2],
  residualBlocks: 3,
  scales: 3,
  frames: 1,
  twoWay: true,
  inputSkip: false,
};

/** The same network at a quarter of the resolution: what a processor runs and trains. */
const FAST: NetworkConfig = {
  channels: [96, 128],
  strides: [4, 2],
  residualBlocks: 1,
  scales: 3,
  frames: 1,
  twoWay: true,
  inputSkip: true,
};

/** Small enough to train in seconds in plain JavaScript; for tests and first steps, not for pictures. */
const SMOKE: NetworkConfig = {
  channels: [12, 16],
  strides: [4, 2],
  residualBlocks: 1,
  scales: 2,
  frames: 1,
  twoWay: true,
  inputSkip: true,
};

/** Every network that has a name. */
export const PRESETS = {
  paper: PAPER,
  "paper-single": { ...PAPER, twoWay: false },
  fast: FAST,
  "fast-single": { ...FAST, twoWay: false },
  "fast-video": { ...FAST, frames: 3 },
  smoke: SMOKE,
  "smoke-video": { ...SMOKE, frames: 3 },
} as const satisfies Record<string, NetworkConfig>;

/** A name from {@linkcode PRESETS}. */
export type Preset = keyof typeof PRESETS;

/** Side of the square cells, in pixels, for each of which a network of three frames takes one vector of motion. */
export const FLOW_CELL = 16;

/** Whether `name` is a preset. */
export function isPreset(name: string): name is Preset {
  return Object.hasOwn(PRESETS, name);
}

/** Width and height of a picture must be multiples of this, in pixels; other sizes are padded by the engines. */
export function sizeMultiple(config: NetworkConfig): number {
  const multiple = config.strides.reduce((product, stride) => product * stride, 1) * 2 ** (config.scales - 1);
  return config.frames === 3 ? Math.max(multiple, FLOW_CELL) : multiple; // both are powers of two
}

/**
 * Checks a config that comes from outside.
 *
 * @throws {RangeError} naming the first field that is not valid, and what it must be.
 */
export function validateConfig(config: NetworkConfig): NetworkConfig {
  const check = (ok: boolean, message: string) => {
    if (!ok) throw new RangeError(`Cannot use network config ${JSON.stringify(config)}: ${message}`);
  };
  const isCount = (n: unknown, least: number, most: number) =>
    Number.isInteger(n) && Number(n) >= least && Number(n) <= most;
  check(
    Array.isArray(config.channels) && isCount(config.channels.length, 1, 6) &&
      config.channels.every((n) => isCount(n, 1, 1024)),
    "channels must be 1 to 6 whole numbers from 1 to 1024",
  );
  check(
    Array.isArray(config.strides) && config.strides.length === config.channels.length &&
      config.strides.every((n) => n === 1 || n === 2 || n === 4),
    "strides must be 1, 2 or 4, one for each entry of channels",
  );
  check(isCount(config.residualBlocks, 0, 16), "residualBlocks must be a whole number from 0 to 16");
  check(isCount(config.scales, 1, 5), "scales must be a whole number from 1 to 5");
  check(config.frames === 1 || config.frames === 3, "frames must be 1 or 3");
  check(typeof config.twoWay === "boolean", "twoWay must be true or false");
  check(typeof config.inputSkip === "boolean", "inputSkip must be true or false");
  return config;
}
