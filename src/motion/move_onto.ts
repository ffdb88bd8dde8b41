import type { Region } from "../crop_picture.ts";
import type { Picture } from "../frame.ts";
import type { BlockFlow } from "./block_flow.ts";
import { KernelMemory, type PlacedPicture } from "./kernel_memory.ts";
import { move16, move8 } from "./kernels.wasm";

/** Which part of a picture {@linkcode moveOnto} makes. */
export interface MovedPart {
  /** Its left and upper edge are multiples of 16 pixels. */
  readonly region: Region;
  /** What the flow's cells cover, `region` and maybe some around it; it begins at multiples of 16 pixels too. */
  readonly flowRegion: Region;
}

/**
 * `picture` moved along `flow`: each pixel is what lies in `picture` where the flow says, bilinear in between, edges repeated. The
 * flow of a pixel is bilinear between the middles of the cells.
 *
 * @param flow From the picture that this one is moved onto, of the same size, to this one.
 * @param part Which part of it to make, and where the flow's cells lie. @default {all}
 * @returns A picture of its own, of the same depth.
 */
export function moveOnto(picture: Picture, flow: BlockFlow, part?: MovedPart): Picture {
  const memory = new KernelMemory();
  return memory.take(movePlaced(memory, memory.place(picture), flow, part));
}

/** The same within the memory of the kernels. */
export function movePlaced(
  memory: KernelMemory,
  picture: PlacedPicture,
  flow: BlockFlow,
  { region, flowRegion }: MovedPart = allOf(picture),
): PlacedPicture {
  const vectors = memory.copy(flow.vectors);
  const line = memory.room(64 + 8 * flow.columns);
  const moved = memory.roomLike(picture, region);
  (picture.isDeep ? move16 : move8)(
    ...[picture.address, picture.width, picture.height, vectors, flow.columns, flow.rows] as const,
    ...[flowRegion.x - region.x, flowRegion.y - region.y, line] as const,
    ...[region.x, region.y, region.width, region.height, moved.address] as const,
  );
  return moved;
}

function allOf({ width, height }: PlacedPicture): MovedPart {
  const region = { x: 0, y: 0, width, height };
  return { region, flowRegion: region };
}
