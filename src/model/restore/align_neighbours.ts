import { cropPicture, type Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { blockFlow, cropFlow, FLOW_REACH, flowPyramid } from "../../motion/block_flow.ts";
import { KernelMemory } from "../../motion/kernel_memory.ts";
import { mismatch, OTHER_SCENE } from "../../motion/mismatch.ts";
import { movePlaced } from "../../motion/move_onto.ts";
import { reducePicture, reducePlaced } from "../../motion/plane.ts";
import type { Neighbours } from "../engine/engine.ts";
import { type AlignedNeighbour, cellsOf } from "./network_input.ts";

/**
 * Moves the neighbouring frames onto a part of a picture, as they would be moved onto all of it.
 *
 * @param region It begins where cells of the flow do.
 * @returns The previous and the next; nothing in place of one that is missing, or shows another scene.
 */
export function alignNeighbours(
  picture: Picture,
  { previous, next }: Neighbours,
  region: Region,
): (AlignedNeighbour | undefined)[] {
  if (previous === undefined && next === undefined) return [undefined, undefined];
  const around = grown(region, picture);
  const pyramid = flowPyramid(cropPicture(picture, around));
  const part = reducePicture(cropPicture(picture, region));
  return [previous, next].map((neighbour) => {
    if (neighbour === undefined) return undefined;
    const flow = blockFlow(pyramid, flowPyramid(cropPicture(neighbour, around)));
    const memory = new KernelMemory();
    const moved = movePlaced(memory, memory.place(neighbour), flow, { region, flowRegion: around });
    if (mismatch(part, reducePlaced(memory, moved)) >= OTHER_SCENE) return undefined;
    const cells = cellsOf({ ...region, x: region.x - around.x, y: region.y - around.y });
    return { moved: memory.take(moved), flow: cropFlow(flow, cells) };
  });
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
