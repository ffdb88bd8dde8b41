/** Curves between bytes and light: a power of 2.2 (GoPro's recipe), the sRGB curve, or none. */
export const GAMMAS = ["2.2", "srgb", "none"] as const;

/** A name from {@linkcode GAMMAS}. */
export type Gamma = typeof GAMMAS[number];

const STEPS = 8192;

/** A curve between bytes (0 … 255) and light (0 … 1). */
export interface LightCurve {
  /** Light of each of the 256 byte values. */
  readonly light: Float64Array;
  /** Byte values at equal steps of the root of light; absent without a curve. */
  readonly table?: Float32Array;
  /** Byte value (0 … 255, not rounded, with an error below 0.05) of light, which is clipped to 0 … 1. */
  readonly byte: (light: number) => number;
  /** The nearest byte of light, exactly; light is clipped to 0 … 1. */
  readonly roundByte: (light: number) => number;
}

/** {@linkcode LightCurve.byte} of any curve, for loops over pictures: one function for all curves is inlined. */
export function byteOf(light: number, table: LightCurve["table"]): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return table === undefined ? light * 255 : table[Math.sqrt(light) * STEPS + 0.5 | 0] as number;
}

const curves = new Map<Gamma, LightCurve>();

/** The curve named `gamma`. Every byte converted to light and back is the same. */
export function lightCurve(gamma: Gamma): LightCurve {
  let curve = curves.get(gamma);
  if (curve === undefined) curves.set(gamma, curve = makeCurve(gamma));
  return curve;
}

function makeCurve(gamma: Gamma): LightCurve {
  const light = Float64Array.from({ length: 256 }, (_, byte) => toLight(gamma, byte / 255));
  if (gamma === "none") {
    const byte = (light: number) => byteOf(light, undefined);
    return { light, byte, roundByte: (light) => byte(light) + 0.5 | 0 };
  }
  // As a function of the root of light the curve is nearly straight, so a table has an error below 0.05, also for dark bytes.
  const table = Float32Array.from({ length: STEPS + 1 }, (_, i) => 255 * fromLight(gamma, (i / STEPS) ** 2));
  const byte = (light: number) => byteOf(light, table);
  const borders = Float64Array.from(
    { length: 257 },
    (_, i) => i > 255 ? Infinity : toLight(gamma, Math.max(0, i - 0.5) / 255),
  );
  const roundByte = (light: number) => {
    let rounded = byte(light) + 0.5 | 0;
    if (light >= (borders[rounded + 1] ?? Infinity)) rounded++;
    else if (light < (borders[rounded] ?? 0) && rounded > 0) rounded--;
    return rounded;
  };
  return { light, table, byte, roundByte };
}

/**
 * Light of each byte value, where the brightest bytes are up to `gain` times brighter than the sensor could record. Averaged and clipped
 * again, they leave the bright streaks of real saturated footage.
 */
export function saturatedLight(gamma: Gamma, gain: number): Float64Array {
  const { light } = lightCurve(gamma);
  if (gain === 1) return light;
  return light.map((value, byte) => value * (1 + (gain - 1) * Math.max(0, (byte - 240) / 15)));
}

function toLight(gamma: Gamma, value: number): number {
  if (gamma === "2.2") return value ** 2.2;
  if (gamma === "srgb") return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  return value;
}

function fromLight(gamma: Gamma, light: number): number {
  if (gamma === "2.2") return light ** (1 / 2.2);
  if (gamma === "srgb") return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return light;
}
