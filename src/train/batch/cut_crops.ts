import { copyRegion } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";

/** Range of the factors by which rotated crops are downscaled, which compensates for the softness of bilinear sampling. */
const REDUCTION = [1.1, 2.2] as const;

/** Where a square is cut out of pictures of one scene, the same of each. */
export interface CropPlace {
  /** Side of the square, in pixels of the crop. */
  readonly size: number;
  /** Pixels added on every side, in pixels of the crop; outside the pictures their edge is repeated. */
  readonly margin: number;
  /** Random numbers in [0, 1), which decide the position. */
  readonly random: () => number;
}

/**
 * Cuts the square at full size, or at half size: means of 2 × 2 pixels, which show more of the scene, with less blur.
 *
 * @param reduction 1 or 2.
 */
export function cutUpright(
  pictures: readonly Picture[],
  reduction: 1 | 2,
  place: CropPlace,
): Uint8Array<ArrayBuffer>[] {
  const { size, margin, random } = place;
  const { width = 0, height = 0 } = pictures[0] ?? {};
  const left = Math.floor(random() * (width - reduction * size + 1)) - reduction * margin;
  const top = Math.floor(random() * (height - reduction * size + 1)) - reduction * margin;
  const side = size + 2 * margin;
  return pictures.map((picture) =>
    reduction === 1 ? cutSquare(picture, left, top, side) : cutHalved(picture, left, top, side)
  );
}

/**
 * Cuts the square rotated by any angle and downscaled to 1/1.1 … 1/2.2, because a network soon overfits to a few real pairs in one
 * orientation. Each pixel is the mean of four bilinear samples.
 *
 * @returns `undefined` if the pictures are too small for the position that was drawn.
 */
export function cutTurned(
  pictures: readonly Picture[],
  place: CropPlace,
): Uint8Array<ArrayBuffer>[] | undefined {
  const { size, margin, random } = place;
  const { width = 0, height = 0 } = pictures[0] ?? {};
  const angle = 2 * Math.PI * random();
  const step = REDUCTION[0] * (REDUCTION[1] / REDUCTION[0]) ** random();
  const [along, across] = [step * Math.cos(angle), step * Math.sin(angle)];
  const reach = (Math.abs(along) + Math.abs(across)) * size / 2 + 1;
  const room = [width - 1 - 2 * reach, height - 1 - 2 * reach] as const;
  const [left, top] = [reach + random() * room[0], reach + random() * room[1]];
  if (room[0] < 0 || room[1] < 0) return undefined;
  const side = size + 2 * margin;
  const crops = pictures.map(() => new Uint8Array(side * side * 3));
  const sums = new Float32Array(3 * pictures.length);
  for (let y = 0, pixel = 0; y < side; y++) {
    for (let x = 0; x < side; x++, pixel += 3) {
      sums.fill(0.5);
      for (let part = 0; part < 4; part++) {
        const u = x - (side - 1) / 2 + (part & 1 ? 0.25 : -0.25);
        const v = y - (side - 1) / 2 + (part & 2 ? 0.25 : -0.25);
        addSample(sums, pictures, left + along * u - across * v, top + across * u + along * v);
      }
      for (let i = 0; i < crops.length; i++) {
        const crop = crops[i] as Uint8Array;
        crop[pixel] = sums[3 * i] as number;
        crop[pixel + 1] = sums[3 * i + 1] as number;
        crop[pixel + 2] = sums[3 * i + 2] as number;
      }
    }
  }
  return crops;
}

/** Adds a quarter of each picture's bilinear sample at (`x`, `y`) to `sums`; edges are repeated. */
function addSample(sums: Float32Array, pictures: readonly Picture[], x: number, y: number): void {
  const { width, height } = pictures[0] as Picture;
  const [cx, cy] = [Math.max(0, Math.min(width - 1.001, x)), Math.max(0, Math.min(height - 1.001, y))];
  const [left, top] = [Math.floor(cx), Math.floor(cy)];
  const [right, down] = [(cx - left) / 4, cy - top];
  const above = (top * width + left) * 3;
  const below = above + width * 3;
  const [w00, w01] = [(0.25 - right) * (1 - down), right * (1 - down)];
  const [w10, w11] = [(0.25 - right) * down, right * down];
  for (let i = 0, sum = 0; i < pictures.length; i++) {
    const { data } = pictures[i] as Picture;
    for (let c = 0; c < 3; c++, sum++) {
      sums[sum] = (sums[sum] as number) + w00 * (data[above + c] as number) +
        w01 * (data[above + c + 3] as number) +
        w10 * (data[below + c] as number) + w11 * (data[below + c + 3] as number);
    }
  }
}

/** A square of a picture; pixels outside the picture repeat its edge. */
function cutSquare(picture: Picture, left: number, top: number, side: number): Uint8Array<ArrayBuffer> {
  const { data, width, height } = picture;
  const out = new Uint8Array(side * side * 3);
  if (left >= 0 && top >= 0 && left + side <= width && top + side <= height) {
    const region = { x: left, y: top, width: side, height: side };
    copyRegion(picture, region, { data: out, width: side, height: side }, 0, 0);
    return out;
  }
  for (let y = 0, i = 0; y < side; y++) {
    const row = Math.max(0, Math.min(height - 1, top + y)) * width;
    for (let x = 0; x < side; x++, i += 3) {
      const from = 3 * (row + Math.max(0, Math.min(width - 1, left + x)));
      out[i] = data[from] as number;
      out[i + 1] = data[from + 1] as number;
      out[i + 2] = data[from + 2] as number;
    }
  }
  return out;
}

/** `side` × `side` means of 2 × 2 pixels. */
function cutHalved(picture: Picture, left: number, top: number, side: number): Uint8Array<ArrayBuffer> {
  const whole = cutSquare(picture, left, top, 2 * side);
  const out = new Uint8Array(side * side * 3);
  const stride = 6 * side;
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0, from = 2 * y * stride; x < side; x++, from += 6) {
      for (let c = 0; c < 3; c++, i++) {
        out[i] = ((whole[from + c] as number) + (whole[from + c + 3] as number) +
          (whole[from + c + stride] as number) + (whole[from + c + stride + 3] as number) + 2) >> 2;
      }
    }
  }
  return out;
}
