import type { Picture } from "../../src/frame.ts";

/** Where a camera stands, and what it does to the light. */
export interface CameraView {
  /** @default {120} */
  readonly width?: number;
  /** @default {96} */
  readonly height?: number;
  /** Pixels that the picture is taken from farther right. @default {0} */
  readonly dx?: number;
  /** Pixels that the picture is taken from farther down. @default {0} */
  readonly dy?: number;
  /** Factor of intensity. @default {1} */
  readonly scale?: number;
  /** Standard deviation of noise, of 255. @default {0} */
  readonly noise?: number;
  /** @default {7} */
  readonly seed?: number;
}

/** A scene known at every point, so that a view from between two pixels needs no interpolation. Smooth, not periodic. */
export function renderScene(view: CameraView = {}): Picture & { data: Uint8Array<ArrayBuffer> } {
  const { width = 120, height = 96, dx = 0, dy = 0, scale = 1, noise = 0, seed = 7 } = view;
  const random = gaussianNoise(seed);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const light = scale * scene(x + dx, y + dy, channel) + (noise > 0 ? noise * random() : 0);
        data[3 * (y * width + x) + channel] = Math.max(0, Math.min(255, Math.round(light)));
      }
    }
  }
  return { data, width, height };
}

function scene(x: number, y: number, channel: number): number {
  const waves = Math.sin(x / 2.2 + channel) * Math.cos(y / 2.7) +
    Math.sin((x * 0.6 + y) / 7.7 + x * x / 3000);
  const spot = Math.exp(-((x - 70) ** 2 + (y - 40) ** 2) / 200);
  return 100 + 32 * waves + 38 * spot;
}

/** Standard normal numbers from a small generator (mulberry32), the same every time. */
function gaussianNoise(seed: number): () => number {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
