import type { Picture } from "../../src/frame.ts";
import { createRandom } from "../../src/train/random.ts";

/** Coarse and fine detail, pixels and grey levels: something to match in every cell, smooth enough to be interpolated. */
const OCTAVES = [[23, 110], [7, 60]] as const;

/** A picture of smooth noise, nowhere the same twice. */
export function noiseScene(
  width: number,
  height: number,
  seed = 1,
): Picture & { data: Uint8Array<ArrayBuffer> } {
  const data = new Uint8Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const layers = OCTAVES.map(([cell, contrast]) => {
      const random = createRandom("scene", seed, channel, cell);
      const columns = Math.ceil(width / cell) + 2;
      const knots = Float32Array.from(
        { length: columns * (Math.ceil(height / cell) + 2) },
        () => contrast * random(),
      );
      return (x: number, y: number) => {
        const [u, v] = [x / cell, y / cell];
        const [i, j] = [Math.floor(u), Math.floor(v)];
        const [across, down] = [smooth(u - i), smooth(v - j)];
        const at = (dx: number, dy: number) => knots[(j + dy) * columns + i + dx] ?? NaN;
        return (1 - down) * ((1 - across) * at(0, 0) + across * at(1, 0)) +
          down * ((1 - across) * at(0, 1) + across * at(1, 1));
      };
    });
    for (let y = 0, i = channel; y < height; y++) {
      for (let x = 0; x < width; x++, i += 3) {
        data[i] = 40 + layers.reduce((sum, layer) => sum + layer(x, y), 0);
      }
    }
  }
  return { data, width, height };
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Mean absolute difference of samples. */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
  return sum / a.length;
}
