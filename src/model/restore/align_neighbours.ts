import { cropPicture, type Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { blockFlow, flowPyramid } from "../../motion/block_flow.ts";
import { moveOnto } from "../../motion/move_onto.ts";
import type { Neighbours } from "../engine/engine.ts";
import type { AlignedNeighbour } from "./network_input.ts";

/** The part of a picture inside `region` and, of the same part, both neighbours moved onto it; nothing in place of a missing one. */
export function alignNeighbours(
  picture: Picture,
  { previous, next }: Neighbours,
  region: Region,
): (AlignedNeighbour | undefined)[] {
  const part = cropPicture(picture, region);
  const pyramid = flowPyramid(part);
  return [previous, next].map((neighbour) => {
    if (neighbour === undefined) return undefined;
    const beside = cropPicture(neighbour, region);
    const flow = blockFlow(pyramid, flowPyramid(beside));
    return { moved: moveOnto(beside, flow), flow };
  });
}
