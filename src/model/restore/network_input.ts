import { cropPicture, type Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { FLOW_CELL } from "../network/config.ts";
import { padPicture } from "./pad_picture.ts";

/** Vectors of motion, one for each cell of {@linkcode FLOW_CELL} × {@linkcode FLOW_CELL} pixels. */
export interface FlowGrid {
  /** Cells from left to right. */
  readonly columns: number;
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Row by row: how far to the right and how far down, in pixels. */
  readonly vectors: Float32Array<ArrayBuffer>;
}

/** A neighbouring frame as a network of three frames is shown it. */
export interface AlignedNeighbour {
  /** The neighbour, moved onto the picture, of its size and depth. */
  readonly moved: Picture;
  /** How far. */
  readonly flow: FlowGrid;
}

/** What a network is shown. */
export interface NetworkInput {
  readonly picture: Picture;
  /** The frame before and the one after, for a network of three frames; else none. */
  readonly neighbours: readonly AlignedNeighbour[];
}

/** What stands for a neighbour that is missing: the picture itself, without motion. */
export function noNeighbour(picture: Picture): AlignedNeighbour {
  const [columns, rows] = [cellsOf(picture.width), cellsOf(picture.height)];
  return { moved: picture, flow: { columns, rows, vectors: new Float32Array(2 * columns * rows) } };
}

/** Makes both sides multiples of `multiple`, itself one of {@linkcode FLOW_CELL}, as {@linkcode padPicture} does. */
export function padInput({ picture, neighbours }: NetworkInput, multiple: number): NetworkInput {
  const padded = padPicture(picture, multiple);
  return {
    picture: padded,
    neighbours: neighbours.map(({ moved, flow }) => ({
      moved: moved === picture ? padded : padPicture(moved, multiple),
      flow: flowOf(flow, 0, 0, cellsOf(padded.width), cellsOf(padded.height)),
    })),
  };
}

/** The part inside `region`, which begins and ends where cells do. */
export function cropInput({ picture, neighbours }: NetworkInput, region: Region): NetworkInput {
  const [column, row] = [region.x / FLOW_CELL, region.y / FLOW_CELL];
  return {
    picture: cropPicture(picture, region),
    neighbours: neighbours.map(({ moved, flow }) => ({
      moved: cropPicture(moved, region),
      flow: flowOf(flow, column, row, cellsOf(region.width), cellsOf(region.height)),
    })),
  };
}

function cellsOf(pixels: number): number {
  return Math.ceil(pixels / FLOW_CELL);
}

/** Cells of a grid from (`column`, `row`) on; beyond its edges they are mirrored, edges repeated. */
function flowOf(flow: FlowGrid, column: number, row: number, columns: number, rows: number): FlowGrid {
  if (columns === flow.columns && rows === flow.rows) return flow;
  const vectors = new Float32Array(2 * columns * rows);
  for (let y = 0, i = 0; y < rows; y++) {
    const line = mirrored(row + y, flow.rows) * flow.columns;
    for (let x = 0; x < columns; x++) {
      const from = 2 * (line + mirrored(column + x, flow.columns));
      vectors[i++] = flow.vectors[from] as number;
      vectors[i++] = flow.vectors[from + 1] as number;
    }
  }
  return { columns, rows, vectors };
}

function mirrored(cell: number, cells: number): number {
  const place = cell % (2 * cells);
  return place < cells ? place : 2 * cells - 1 - place;
}
