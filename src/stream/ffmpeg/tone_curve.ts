import { AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_SMPTE2084 } from "node-av/constants";

/** Between the code values of HDR video and values like those of SDR video, which networks are trained on; both of 16 bits. */
export interface ToneCurve {
  /** SDR-like value of each code value. */
  readonly toSdr: Uint16Array<ArrayBuffer>;
  /** Code value of each SDR-like value: the inverse. */
  readonly fromSdr: Uint16Array<ArrayBuffer>;
}

/** The largest value of 16 bits. */
const WHITE = 65535;
/** Luminance of diffuse white, the white of a page in the scene: cd/m² of PQ's, and as a share of HLG's peak (ITU-R BT.2408). */
const PQ_DIFFUSE_WHITE = 203;
const HLG_DIFFUSE_WHITE = 0.265;
/** Luminance of the largest PQ code value, cd/m². */
const PQ_PEAK = 10_000;
/** What SDR code values are to light, about. */
const SDR_GAMMA = 2.2;

/** Light as a multiple of diffuse white, of a code value from 0 to 1, and back. */
interface TransferFunction {
  readonly toLight: (code: number) => number;
  readonly toCode: (light: number) => number;
  /** The light of the code value 1. */
  readonly peak: number;
}

/** Constants of SMPTE ST 2084. */
const [M1, M2, C1, C2, C3] = [2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128];

const PQ: TransferFunction = {
  toLight(code) {
    const power = code ** (1 / M2);
    return (Math.max(0, power - C1) / (C2 - C3 * power)) ** (1 / M1) * PQ_PEAK / PQ_DIFFUSE_WHITE;
  },
  toCode(light) {
    const power = (light * PQ_DIFFUSE_WHITE / PQ_PEAK) ** M1;
    return ((C1 + C2 * power) / (1 + C3 * power)) ** M2;
  },
  peak: PQ_PEAK / PQ_DIFFUSE_WHITE,
};

/** Constants of ARIB STD-B67. */
const [A, B, C] = [0.17883277, 0.28466892, 0.55991073];

const HLG: TransferFunction = {
  toLight: (code) => (code <= 0.5 ? code ** 2 / 3 : (Math.exp((code - C) / A) + B) / 12) / HLG_DIFFUSE_WHITE,
  toCode(light) {
    const scene = light * HLG_DIFFUSE_WHITE;
    return scene <= 1 / 12 ? Math.sqrt(3 * scene) : A * Math.log(12 * scene - B) + C;
  },
  peak: 1 / HLG_DIFFUSE_WHITE,
};

const FUNCTIONS: ReadonlyMap<number, TransferFunction> = new Map([
  [AVCOL_TRC_SMPTE2084, PQ],
  [AVCOL_TRC_ARIB_STD_B67, HLG],
]);

const curves = new Map<number, ToneCurve>();

/**
 * The curve for a transfer characteristic; `undefined` for those of SDR video.
 *
 * The light is compressed as by Reinhard's extended operator, so that diffuse white becomes about three quarters, what is darker
 * keeps the contrast that it has in SDR video, and the brightest light becomes 1. Then it is coded with the gamma of SDR video.
 * The curve rises everywhere, so that it has an inverse.
 */
export function toneCurveOf(transfer: number): ToneCurve | undefined {
  const known = curves.get(transfer);
  const transferFunction = FUNCTIONS.get(transfer);
  if (known !== undefined || transferFunction === undefined) return known;
  const { toLight, toCode, peak } = transferFunction;
  const curve: ToneCurve = {
    toSdr: table((code) => compress(toLight(code), peak) ** (1 / SDR_GAMMA)),
    fromSdr: table((sdr) => toCode(expand(sdr ** SDR_GAMMA, peak))),
  };
  curves.set(transfer, curve);
  return curve;
}

/** Replaces each of `samples` by its value in a table of a {@linkcode ToneCurve}. */
export function applyTable(samples: Uint16Array, table: Uint16Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = table[samples[i] as number] as number;
}

/** Light from 0 to `peak` becomes 0 to 1. */
function compress(light: number, peak: number): number {
  return light * (1 + light / peak ** 2) / (1 + light);
}

/** The light that {@linkcode compress} makes `compressed`. */
function expand(compressed: number, peak: number): number {
  const rest = 1 - compressed;
  return peak ** 2 / 2 * (Math.sqrt(rest ** 2 + 4 * compressed / peak ** 2) - rest);
}

function table(value: (share: number) => number): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(
    { length: WHITE + 1 },
    (_, i) => Math.round(Math.min(1, Math.max(0, value(i / WHITE))) * WHITE),
  );
}
