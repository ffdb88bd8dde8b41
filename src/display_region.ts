import type { Region } from "./crop_picture.ts";
import { OptionError } from "./errors.ts";
import type { MediaInfo } from "./frame.ts";

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
 * The part of a source's pictures, as coded, that is seen in `crop` when they are displayed.
 *
 * @param crop In pixels as displayed, after rotation.
 * @throws {OptionError} if it is empty, not of whole pixels, or not inside the picture.
 */
export function codedRegion(crop: Region, info: Pick<MediaInfo, "width" | "height" | "rotation">): Region {
  const { x, y, width, height } = crop;
  const size = rotatedSize(info, info.rotation);
  const isWhole = [x, y, width, height].every(Number.isInteger);
  const isInside = x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height;
  if (isWhole && isInside && width > 0 && height > 0) return unrotateRegion(crop, info, info.rotation);
  throw new OptionError(
    `The crop ${x},${y},${width},${height} does not lie inside the picture, which is ${size.width}x${size.height}. ` +
      "Give whole pixels: x,y,width,height",
  );
}
