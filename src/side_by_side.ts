import type { Picture } from "./frame.ts";

/**
 * Joins pictures of one size and depth from left to right.
 *
 * @throws {RangeError} if there is none, or they differ in size or depth.
 */
export function sideBySide(pictures: readonly Picture[]): Picture {
  const [first] = pictures;
  if (first === undefined) throw new RangeError("Cannot join no pictures: give one or more");
  const { data, width, height } = first;
  const row = width * 3;
  const joined = data instanceof Uint8Array
    ? new Uint8Array(row * height * pictures.length)
    : new Uint16Array(row * height * pictures.length);
  pictures.forEach((picture, i) => {
    if (
      picture.width !== width || picture.height !== height || picture.data.constructor !== data.constructor
    ) {
      throw new RangeError(
        `Cannot join a picture of ${picture.width}x${picture.height} to one of ${width}x${height}: all must have one size and depth`,
      );
    }
    for (let y = 0; y < height; y++) {
      joined.set(picture.data.subarray(y * row, (y + 1) * row), (y * pictures.length + i) * row);
    }
  });
  return { data: joined, width: width * pictures.length, height };
}
