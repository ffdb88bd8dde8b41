import type { Region } from "../../crop_picture.ts";

/** Width and height of a picture, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of a picture rotated clockwise by `rotation` degrees (0, 90, 180 or 270). */
export function rotatedSize({ width, height }: Size, rotation: number): Size {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** The part of `region` inside a picture of `size`; the whole picture where the two do not overlap. */
export function clipRegion(region: Region | null, size: Size): Region {
  const whole = { x: 0, y: 0, width: size.width, height: size.height };
  if (region === null) return whole;
  const x = Math.min(region.x, size.width);
  const y = Math.min(region.y, size.height);
  const width = Math.min(region.width, size.width - x);
  const height = Math.min(region.height, size.height - y);
  return width > 0 && height > 0 ? { x, y, width, height } : whole;
}

/** A region of the displayed picture in pixels of the coded one, which is rotated by `rotation` degrees to be displayed. */
export function unrotateRegion(region: Region, coded: Size, rotation: number): Region {
  const { x, y, width, height } = region;
  switch (rotation) {
    case 90:
      return { x: y, y: coded.height - x - width, width: height, height: width };
    case 180:
      return { x: coded.width - x - width, y: coded.height - y - height, width, height };
    case 270:
      return { x: coded.width - y - height, y: x, width: height, height: width };
    default:
      return region;
  }
}

/**
 * A region with at least `halo` pixels more on every side, as far as the picture goes. It starts at a multiple of
 * `grid` pixels: a network that downscales its input gives other numbers when its cells are shifted.
 */
export function growRegion(
  region: Region,
  { halo, grid }: { halo: number; grid: number },
  size: Size,
): Region {
  const x = Math.floor(Math.max(0, region.x - halo) / grid) * grid;
  const y = Math.floor(Math.max(0, region.y - halo) / grid) * grid;
  const right = Math.min(size.width, region.x + region.width + halo);
  const bottom = Math.min(size.height, region.y + region.height + halo);
  return { x, y, width: right - x, height: bottom - y };
}
