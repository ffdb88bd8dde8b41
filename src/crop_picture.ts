import type { Picture } from "./frame.ts";

/** A rectangle of a picture, in pixels. */
export interface Region {
  /** Pixels left of it. */
  readonly x: number;
  /** Pixels above it. */
  readonly y: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** An empty (black) picture of the same depth as `like`. */
export function blankPicture(like: Picture, width: number, height: number): Picture {
  const samples = 3 * width * height;
  return {
    data: like.data instanceof Uint16Array ? new Uint16Array(samples) : new Uint8Array(samples),
    width,
    height,
  };
}

/** Copies `region` of `from` into `to`, its upper left corner at (`x`, `y`). Both must hold it. */
export function copyRegion(from: Picture, region: Region, to: Picture, x: number, y: number): void {
  const { width, height } = region;
  if (width === from.width && width === to.width) {
    const rows = from.data.subarray(3 * region.y * width, 3 * (region.y + height) * width);
    to.data.set(rows, 3 * y * width);
    return;
  }
  for (let row = 0; row < height; row++) {
    const start = 3 * ((region.y + row) * from.width + region.x);
    to.data.set(from.data.subarray(start, start + 3 * width), 3 * ((y + row) * to.width + x));
  }
}

/** The part of a picture inside `region`, as a picture of its own; the picture itself if that is all of it. */
export function cropPicture(picture: Picture, region: Region): Picture {
  const isWhole = region.width === picture.width && region.height === picture.height;
  return isWhole ? picture : copyOfRegion(picture, region);
}

/** The same, and always a copy, which the caller owns. */
export function copyOfRegion(picture: Picture, region: Region): Picture {
  const copy = blankPicture(picture, region.width, region.height);
  copyRegion(picture, region, copy, 0, 0);
  return copy;
}

/** The part of a plane of one sample a pixel inside `region`. @param width Of the whole plane. */
export function cropSamples<T extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  samples: T,
  width: number,
  region: Region,
): T {
  const cropped = samples.slice(0, region.width * region.height) as T;
  for (let row = 0; row < region.height; row++) {
    const start = (region.y + row) * width + region.x;
    cropped.set(samples.subarray(start, start + region.width), row * region.width);
  }
  return cropped;
}

/** What two regions have in common; `undefined` if nothing. */
export function intersection(one: Region, other: Region): Region | undefined {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
