import { cropPicture, type Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { blockFlow, cropFlow, FLOW_REACH, flowPyramid } from "../../motion/block_flow.ts";
import { moveOnto } from "../../motion/move_onto.ts";
import { type AlignedNeighbour, cellsOf } from "./network_input.ts";

/**
 * Moves a neighbouring frame onto a part of a picture, as it would be moved onto all of it.
 *
 * @param region It begins where cells of the flow do.
 */
export function alignNeighbour(picture: Picture, neighbour: Picture, region: Region): AlignedNeighbour {
  const around = grown(region, picture);
  const flow = blockFlow(
    flowPyramid(cropPicture(picture, around)),
    flowPyramid(cropPicture(neighbour, around)),
  );
  return {
    moved: moveOnto(neighbour, flow, { region, flowRegion: around }),
    flow: cropFlow(flow, cellsOf({ ...region, x: region.x - around.x, y: region.y - around.y })),
  };
}

/** A region with all around it that decides its flow, as far as the picture goes. */
function grown({ x, y, width, height }: Region, picture: Picture): Region {
  const [left, top] = [Math.max(0, x - FLOW_REACH), Math.max(0, y - FLOW_REACH)];
  return {
    x: left,
    y: top,
    width: Math.min(picture.width, x + width + FLOW_REACH) - left,
    height: Math.min(picture.height, y + height + FLOW_REACH) - top,
  };
}
