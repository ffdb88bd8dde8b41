/** How bytes become light: a power of 2.2 (GoPro's recipe), the sRGB curve, or the bytes themselves. */
export type Gamma = "2.2" | "srgb" | "none";

const STEPS = 8192;

/** A curve between bytes (0 … 255) and light (0 … 1), as tables. */
export interface LightCurve {
  /** Light of each of the 256 bytes. */
  readonly light: Float64Array;
  /** Byte values over the root of light; absent where bytes are light themselves. */
  readonly table?: Float32Array;
  /** Byte value (0 … 255, fractions kept, within 0.05) of light; light outside 0 … 1 is clipped. */
  readonly byte: (light: number) => number;
  /** The nearest whole byte of light, exactly; light outside 0 … 1 is clipped. */
  readonly roundByte: (light: number) => number;
}

/** A curve's {@linkcode LightCurve.byte}, for loops over pictures: one function for every curve is inlined in them. */
export function byteOf(light: number, table: LightCurve["table"]): number {
  if (light <= 0) return 0;
  if (light >= 1) return 255;
  return table === undefined ? light * 255 : table[Math.sqrt(light) * STEPS + 0.5 | 0] as number;
}

const curves = new Map<Gamma, LightCurve>();

/** The curve named `gamma`. Every byte survives the way to light and back. */
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
  // Over the root of light the curve is nearly straight, so a table of it is exact to 0.05 of a byte, the darkest ones included.
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
 * Light of each byte, in which the brightest bytes stand for more than the sensor could hold: up to `gain` times as much.
 * Averaged and clipped again, they leave the bright streaks of real saturated footage.
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
