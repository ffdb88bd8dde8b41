import type { Picture } from "../../frame.ts";
import { blankPicture, copyRegion } from "../../crop_picture.ts";

type Size = Pick<Picture, "width" | "height">;

/**
 * Makes both sides multiples of `multiple` by mirroring the picture at its right and lower edge, without repeating
 * the edge, as often as it takes. A picture that fits already is returned as it is; cropping undoes it.
 *
 * @param least Sides that it must have at least. @default {none}
 */
export function padPicture(
  picture: Picture,
  multiple: number,
  least: Size = { width: 1, height: 1 },
): Picture {
  const { width, height } = picture;
  const roundUp = (side: number) => Math.ceil(side / multiple) * multiple;
  const paddedWidth = roundUp(Math.max(width, least.width));
  const paddedHeight = roundUp(Math.max(height, least.height));
  if (paddedWidth === width && paddedHeight === height) return picture;

  const padded = blankPicture(picture, paddedWidth, paddedHeight);
  copyRegion(picture, { x: 0, y: 0, width, height }, padded, 0, 0);
  const { data } = padded;
  const row = 3 * paddedWidth;
  for (let x = width; x < paddedWidth; x++) {
    const mirrored = 3 * mirror(x, width);
    for (let start = 0; start < row * height; start += row) {
      data.copyWithin(start + 3 * x, start + mirrored, start + mirrored + 3);
    }
  }
  for (let y = height; y < paddedHeight; y++) {
    const start = row * mirror(y, height);
    data.copyWithin(row * y, start, start + row);
  }
  return padded;
}

/** Where a ray that starts at 0 and turns round at both ends of a row of `length` is after `steps`. */
function mirror(steps: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const place = steps % period;
  return place < length ? place : period - place;
}
