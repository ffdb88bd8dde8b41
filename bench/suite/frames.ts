import { openMedia, type Picture } from "../../mod.ts";
import { copyOfRegion } from "../../src/crop_picture.ts";

/** A frame of the sample that is smeared. */
const FRAME = 24;

/** The middle of one frame of the sample, blurry and sharp. @param side In pixels. */
export async function samplePair(
  side: number,
): Promise<{ readonly blurry: Picture; readonly sharp: Picture }> {
  const [blurry, sharp] = await Promise.all([
    middle("spaniels.mp4", side),
    middle("sharp/spaniels.mp4", side),
  ]);
  return { blurry, sharp };
}

async function middle(name: string, side: number): Promise<Picture> {
  await using source = await openMedia(new URL(`../../samples/${name}`, import.meta.url).pathname);
  let count = 0;
  for await (const frame of source.frames) {
    if (count++ < FRAME) continue;
    const [width, height] = [Math.min(side, frame.width), Math.min(side, frame.height)];
    const [x, y] = [Math.floor((frame.width - width) / 2), Math.floor((frame.height - height) / 2)];
    return copyOfRegion(frame, { x, y, width, height });
  }
  throw new RangeError(`samples/${name} has no frame ${FRAME}`);
}
