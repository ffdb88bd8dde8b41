import { cropPicture, type Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { type BlockFlow, CELL, cropFlow } from "../../motion/block_flow.ts";
import { padPicture } from "./pad_picture.ts";

/** A neighbouring frame as a network of three frames is shown it. */
export interface AlignedNeighbour {
  /** The neighbour, moved onto the picture, of its size and depth. */
  readonly moved: Picture;
  /** How far. */
  readonly flow: BlockFlow;
}

/** What a network is shown. */
export interface NetworkInput {
  readonly picture: Picture;
  /** The frame before and the one after, for a network of three frames; else none. */
  readonly neighbours: readonly AlignedNeighbour[];
}

/** What stands for a neighbour that is missing: the picture itself, without motion. */
export function noNeighbour(picture: Picture): AlignedNeighbour {
  const [columns, rows] = [Math.ceil(picture.width / CELL), Math.ceil(picture.height / CELL)];
  return { moved: picture, flow: { columns, rows, vectors: new Float32Array(2 * columns * rows) } };
}

/** Makes both sides multiples of `multiple` and at least `least`, as {@linkcode padPicture} does. Flow is kept exactly if `multiple` is one of {@linkcode CELL}. */
export function padInput(
  { picture, neighbours }: NetworkInput,
  multiple: number,
  least?: Pick<Picture, "width" | "height">,
): NetworkInput {
  const padded = padPicture(picture, multiple, least);
  return {
    picture: padded,
    neighbours: neighbours.map(({ moved, flow }) => ({
      moved: moved === picture ? padded : padPicture(moved, multiple, least),
      flow: cropFlow(flow, cellsOf({ x: 0, y: 0, width: padded.width, height: padded.height })),
    })),
  };
}

/** The part inside `region`; its flow is exact if it begins and ends where cells do. */
export function cropInput({ picture, neighbours }: NetworkInput, region: Region): NetworkInput {
  return {
    picture: cropPicture(picture, region),
    neighbours: neighbours.map(({ moved, flow }) => ({
      moved: cropPicture(moved, region),
      flow: cropFlow(flow, cellsOf(region)),
    })),
  };
}

/** The cells of a region; exact for one that begins where a cell does. */
export function cellsOf({ x, y, width, height }: Region): Region {
  return {
    x: Math.floor(x / CELL),
    y: Math.floor(y / CELL),
    width: Math.ceil(width / CELL),
    height: Math.ceil(height / CELL),
  };
}
