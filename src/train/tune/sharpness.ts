import type { Picture } from "../../frame.ts";

/** Side of the squares of which {@linkcode noiseOf} looks at the most even ones, pixels. */
const SQUARE = 8;
/** Share of the squares that are taken for even. */
const EVEN = 0.1;

/**
 * Mean absolute gradient of a picture's green channel, in grey levels a pixel. Of two frames that show the same scene the one with less
 * blur has more.
 */
export function sharpnessOf({ data, width, height }: Picture): number {
  let sum = 0;
  for (let y = 1; y < height; y++) {
    for (let x = 1, i = 3 * (y * width + 1) + 1; x < width; x++, i += 3) {
      const here = data[i] as number;
      sum += Math.abs(here - (data[i - 3] as number)) + Math.abs(here - (data[i - 3 * width] as number));
    }
  }
  const pixels = Math.max(1, (width - 1) * (height - 1));
  return sum / pixels / 2 / greyLevel(data);
}

/**
 * Standard deviation of a picture's noise, in grey levels: that of the difference between pixels side by side, in the most even tenth of all
 * squares of 8 × 8 pixels.
 */
export function noiseOf({ data, width, height }: Picture): number {
  const variances: number[] = [];
  for (let top = 0; top + SQUARE <= height; top += SQUARE) {
    for (let left = 0; left + SQUARE < width; left += SQUARE) {
      let [sum, squares] = [0, 0];
      for (let y = top; y < top + SQUARE; y++) {
        for (let x = left, i = 3 * (y * width + left) + 1; x < left + SQUARE; x++, i += 3) {
          const difference = (data[i + 3] as number) - (data[i] as number);
          sum += difference;
          squares += difference * difference;
        }
      }
      const count = SQUARE * SQUARE;
      variances.push((squares - sum * sum / count) / (count - 1));
    }
  }
  variances.sort((a, b) => a - b);
  const even = variances.slice(0, Math.max(1, Math.round(EVEN * variances.length)));
  const middle = even[even.length >> 1] ?? 0;
  return Math.sqrt(middle / 2) / greyLevel(data); // a difference has the noise of two pixels
}

function greyLevel(data: Picture["data"]): number {
  return data instanceof Uint16Array ? 257 : 1;
}
