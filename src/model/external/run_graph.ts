import type { Picture } from "../../frame.ts";
import { type BlockFlow, CELL } from "../../motion/block_flow.ts";
import { NEIGHBOURS } from "../onnx/export_onnx.ts";
import type { GraphInterface } from "./graph_interface.ts";
import type { GraphSession, GraphTensor } from "./graph_session.ts";
import { type InputForm, toTensor } from "./picture_tensor.ts";

/** One run of a graph. */
export interface GraphRun {
  readonly picture: Picture;
  /** The frame before and the one after; not looked at for a graph of one frame. */
  readonly neighbours: readonly Picture[];
  /** How far each neighbour was moved, for a graph with an input for it. @default {not at all} */
  readonly flows?: readonly BlockFlow[];
  readonly form: InputForm;
  /** Gain of what the network changes, for a graph that takes one. */
  readonly detail: number;
}

/** Runs a graph on pictures. @returns Its outputs, by name. */
export function runGraph(
  session: GraphSession,
  { picture: name, frames, detail: detailName, takesAligned }: GraphInterface,
  { picture, neighbours, flows, form, detail }: GraphRun,
): Promise<ReadonlyMap<string, GraphTensor>> {
  const [previous = picture, next = picture] = neighbours;
  const feeds: Record<string, GraphTensor> = {
    [name]: toTensor(frames === 1 ? [picture] : [previous, picture, next], form),
    ...(detailName && { [detailName]: { type: "float32", dims: [], data: Float32Array.of(detail) } }),
  };
  if (takesAligned) {
    NEIGHBOURS.forEach((names, i) => {
      feeds[names.picture] = toTensor([neighbours[i] ?? picture], form);
      feeds[names.flow] = flowTensor(flows?.[i] ?? noFlow(picture));
    });
  }
  return session.run(feeds);
}

function flowTensor({ columns, rows, vectors }: BlockFlow): GraphTensor {
  return { type: "float32", dims: [1, rows, columns, 2], data: new Float32Array(vectors) };
}

function noFlow({ width, height }: Picture): BlockFlow {
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  return { columns, rows, vectors: new Float32Array(2 * columns * rows) };
}
