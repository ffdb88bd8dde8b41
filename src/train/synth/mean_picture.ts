/** A downscaled picture: means of square blocks of RGB samples, 0 … 255. */
export interface MeanPicture {
  readonly data: Float32Array;
  /** Blocks. */
  readonly width: number;
  /** Blocks. */
  readonly height: number;
}

/** RGB samples of a picture, or means of them. */
export interface RgbSamples {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** Means of blocks of `block` × `block` pixels; blocks at the right and lower edge may be smaller. */
export function meanPicture({ data, width, height }: RgbSamples, block: number): MeanPicture {
  const columns = Math.ceil(width / block);
  const rows = Math.ceil(height / block);
  const means = new Float32Array(columns * rows * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / block);
    const tall = Math.min(block, height - row * block);
    for (let x = 0; x < width; x++, at += 3) {
      const column = Math.floor(x / block);
      const out = (row * columns + column) * 3;
      const gain = 1 / (tall * Math.min(block, width - column * block));
      for (let c = 0; c < 3; c++) {
        means[out + c] = (means[out + c] as number) + gain * (data[at + c] as number);
      }
    }
  }
  return { data: means, width: columns, height: rows };
}

/** Mean absolute difference of samples with `b` shifted by whole blocks, where both overlap. */
export function meanDifference(a: MeanPicture, b: MeanPicture, right = 0, down = 0): number {
  const { width, height } = a;
  const [first, last] = [Math.max(0, -right), Math.min(width, width - right)];
  const [top, bottom] = [Math.max(0, -down), Math.min(height, height - down)];
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    const shift = (down * width + right) * 3;
    for (let i = (y * width + first) * 3; i < (y * width + last) * 3; i++) {
      sum += Math.abs((a.data[i + shift] as number) - (b.data[i] as number));
    }
  }
  return sum / ((last - first) * (bottom - top) * 3);
}
