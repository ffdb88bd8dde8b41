import { rotatedSize } from "../../display_region.ts";
import type { MediaInfo } from "../../frame.ts";
import type { SourceDescription, SourceEntry } from "../protocol.ts";

/** What the page shows of an open source. */
export function describeSource(
  entry: SourceEntry,
  info: MediaInfo,
  rest: Pick<SourceDescription, "kind" | "canSeek" | "canTune">,
): SourceDescription {
  const { pixelAspect = 1, rotation, frameRate = null, frames = null, seconds = null } = info;
  return {
    ...entry,
    ...rotatedSize(info, rotation),
    pixelAspect: rotation % 180 === 0 ? pixelAspect : 1 / pixelAspect,
    frameRate,
    frames,
    seconds,
    ...rest,
  };
}
