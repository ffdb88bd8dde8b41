import { cropPicture } from "../../crop_picture.ts";
import { clipRegion, rotatedSize, unrotateRegion } from "../../display_region.ts";
import type { MediaInfo, Picture } from "../../frame.ts";
import type { Settings } from "../protocol.ts";
import type { PreviewFrame } from "./playback.ts";

/** The part of a picture, and of what became of it, that is in a viewer's view. Both are of one size. */
export function regionInView(
  { blurry, result }: { readonly blurry: Picture; readonly result: Picture },
  { rotation }: Pick<MediaInfo, "rotation">,
  asked: Settings["region"],
): Pick<PreviewFrame, "pictures" | "region" | "rotation" | "width" | "height"> {
  const displayed = rotatedSize(blurry, rotation);
  const region = clipRegion(asked, displayed);
  const coded = unrotateRegion(region, blurry, rotation);
  return {
    pictures: [
      { kind: "blurry", picture: cropPicture(blurry, coded) },
      { kind: "result", picture: cropPicture(result, coded) },
    ],
    region,
    rotation,
    ...displayed,
  };
}
