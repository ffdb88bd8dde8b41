import { createRandom, normal } from "../random.ts";

/** Noise of a sensor, as standard deviations in bytes (0 … 255). */
export interface SensorNoise {
  /** Read noise, the same everywhere. */
  readonly read: number;
  /** Shot noise of white pixels; it grows with the root of brightness. */
  readonly shot: number;
}

const MASK = 0xffff;
let table: Float32Array | undefined;

/** Adds noise to `bytes` (RGB samples, 0 … 255, not rounded), in place, without clipping. `random` decides it. */
export function addSensorNoise(bytes: Float32Array, { read, shot }: SensorNoise, random: () => number): void {
  table ??= normals();
  const shotSquared = shot * shot / 255;
  const readSquared = read * read;
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    // A new position in the table every 256 samples: drawing each number would take longer than the rest of the picture.
    if ((i & 255) === 0) at = Math.floor(random() * (MASK + 1));
    const value = bytes[i] as number;
    const deviation = Math.sqrt(readSquared + shotSquared * (value > 0 ? value : 0));
    bytes[i] = value + deviation * (table[at++ & MASK] as number);
  }
}

function normals(): Float32Array {
  const random = createRandom("sensor noise");
  return Float32Array.from({ length: MASK + 1 }, () => normal(random));
}
