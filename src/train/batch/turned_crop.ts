import type { Picture } from "../../frame.ts";

/** How much less of a side a turned crop shows at least, and at most: reducing makes up for what bilinear sampling softens. */
const REDUCTION = [1.1, 2.2] as const;

/**
 * A square of `size` × `size` pixels of two pictures of the same scene, turned by any angle and reduced to 1/1.1 … 1/2.2: a few
 * real pairs are soon known by heart, but not in every position. Each pixel is the mean of four bilinear samples.
 *
 * @param random Numbers in [0, 1); they alone decide the place.
 * @returns A crop of each; `undefined` where the pictures are too small for the place that was drawn.
 */
export function turnedCrop(
  pictures: readonly [Picture, Picture],
  size: number,
  random: () => number,
): readonly [Uint8Array, Uint8Array] | undefined {
  const { width, height } = pictures[0];
  const angle = 2 * Math.PI * random();
  const step = REDUCTION[0] * (REDUCTION[1] / REDUCTION[0]) ** random();
  const [along, across] = [step * Math.cos(angle), step * Math.sin(angle)];
  const reach = (Math.abs(along) + Math.abs(across)) * size / 2 + 1;
  const room = [width - 1 - 2 * reach, height - 1 - 2 * reach] as const;
  const [left, top] = [reach + random() * room[0], reach + random() * room[1]];
  if (room[0] < 0 || room[1] < 0) return undefined;
  const crops = [new Uint8Array(size * size * 3), new Uint8Array(size * size * 3)] as const;
  const sums = new Float32Array(3 * pictures.length);
  for (let y = 0, pixel = 0; y < size; y++) {
    for (let x = 0; x < size; x++, pixel += 3) {
      sums.fill(0.5);
      for (let part = 0; part < 4; part++) {
        const u = x - (size - 1) / 2 + (part & 1 ? 0.25 : -0.25);
        const v = y - (size - 1) / 2 + (part & 2 ? 0.25 : -0.25);
        addSample(sums, pictures, left + along * u - across * v, top + across * u + along * v);
      }
      crops.forEach((crop, i) => crop.set(sums.subarray(3 * i, 3 * i + 3), pixel));
    }
  }
  return crops;
}

/** Adds a quarter of what each picture has, linearly between its pixels, at (`x`, `y`). */
function addSample(sums: Float32Array, pictures: readonly Picture[], x: number, y: number): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [(x - left) / 4, y - top];
  const weights = [
    (0.25 - right) * (1 - down),
    right * (1 - down),
    (0.25 - right) * down,
    right * down,
  ] as const;
  for (let i = 0, sum = 0; i < pictures.length; i++) {
    const { data, width } = pictures[i] as Picture;
    const above = (top * width + left) * 3;
    const below = above + width * 3;
    for (let c = 0; c < 3; c++, sum++) {
      sums[sum] = (sums[sum] as number) +
        weights[0] * (data[above + c] as number) + weights[1] * (data[above + c + 3] as number) +
        weights[2] * (data[below + c] as number) + weights[3] * (data[below + c + 3] as number);
    }
  }
}
