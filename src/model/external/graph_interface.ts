import type { Region } from "../../crop_picture.ts";
import { NEIGHBOURS } from "../onnx/export_onnx.ts";
import { type GraphInput, SAMPLE_TYPES, type SampleType } from "./graph_session.ts";
import type { Layout } from "./picture_tensor.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/** What the declarations of a graph's inputs say; the rest is found by running it. */
export interface GraphInterface {
  /** The input that takes pictures. */
  readonly picture: string;
  readonly type: SampleType;
  /** Layouts that fit the declaration, the likelier first. */
  readonly layouts: readonly Layout[];
  /** Frames behind each other in that input. */
  readonly frames: 1 | 3;
  /** Whether frames have a side of their own: [1, frames, 3, height, width]. */
  readonly hasFrameSide: boolean;
  /** Sides that are fixed, in pixels. */
  readonly fixed: Partial<Pick<Region, "width" | "height">>;
  /** A number that the graph takes besides: the gain of what it changes, in graphs that this project exported. */
  readonly detail?: string;
  /** Whether it has the inputs for aligned neighbours and their motion that this project exports. */
  readonly takesAligned: boolean;
}

/** The most frames that a stack of channels may hold here. */
const MOST_FRAMES = 3;

/**
 * Finds the input for pictures among those that a graph declares.
 *
 * @throws {UnfitGraphError} naming the input that does not fit, and why.
 */
export function readInterface(inputs: readonly GraphInput[]): GraphInterface {
  const aligned: readonly string[] = NEIGHBOURS.flatMap(({ picture, flow }) => [picture, flow]);
  const names = inputs.map(({ name }) => name);
  const takesAligned = aligned.every((name) => names.includes(name));
  const rest = takesAligned ? inputs.filter(({ name }) => !aligned.includes(name)) : inputs;
  const pictures = rest.filter(({ shape }) => shape.length >= 4);
  const [picture, second] = pictures;
  if (picture === undefined) {
    const [first] = inputs;
    if (first === undefined) throw new UnfitGraphError("The graph has no input. It must take a picture");
    throw unfit(first, "is no picture: it must have four sides, of a batch, channels, height and width");
  }
  if (second !== undefined) {
    throw unfit(
      second,
      `is a second picture beside "${picture.name}". Export the graph with one picture as its only input`,
    );
  }
  const detail = rest.find((input) => input !== picture && isDetail(input));
  const unknown = rest.find((input) => input !== picture && input !== detail);
  if (unknown !== undefined) {
    throw unfit(
      unknown,
      `is nothing that a picture says. Export the graph with one picture as its only input`,
    );
  }
  return { ...readPicture(picture), ...(detail && { detail: detail.name }), takesAligned };
}

function readPicture(input: GraphInput): Omit<GraphInterface, "detail" | "takesAligned"> {
  const { name, type, shape } = input;
  const sampleType = SAMPLE_TYPES.find((known) => known === type);
  if (sampleType === undefined) {
    throw unfit(
      input,
      `has samples of an unknown type. Export the graph for one of ${SAMPLE_TYPES.join(", ")}`,
    );
  }
  const hasFrameSide = shape.length === 5;
  if (shape.length > 5) throw unfit(input, "has too many sides. Export the graph for one picture");
  const [batch, ...sides] = shape;
  if (batch !== undefined && batch !== 1) {
    throw unfit(input, `takes ${batch} pictures at once. Export the graph with a batch of 1, or of any size`);
  }
  const [stack, ...plain] = hasFrameSide ? sides : [undefined, ...sides];
  if (hasFrameSide && plain[0] !== 3) {
    throw unfit(
      input,
      "has no 3 channels after its side of frames. Export it as [1, frames, 3, height, width]",
    );
  }
  const layouts = hasFrameSide ? ["NCHW" as const] : layoutsOf(plain);
  const [layout] = layouts;
  if (layout === undefined) {
    throw unfit(
      input,
      "has no side of 3 channels, or of 3 for each of several frames. Pictures here are in colour",
    );
  }
  const [channels, height, width] = layout === "NCHW" ? plain : [plain[2], plain[0], plain[1]];
  return {
    picture: name,
    type: sampleType,
    layouts,
    frames: checkFrames(input, hasFrameSide ? stack ?? MOST_FRAMES : (channels ?? 3) / 3),
    hasFrameSide,
    fixed: { ...(height !== undefined && { height }), ...(width !== undefined && { width }) },
  };
}

/** A declared side of fewer is one of channels, not of pixels. */
const LEAST_PIXELS = 16;

/** Layouts in which the sides have channels for one or more frames; those with fewer channels are likelier. */
function layoutsOf([first, , last]: readonly (number | undefined)[]): Layout[] {
  const candidates = [["NCHW", first, last], ["NHWC", last, first]] as const;
  const declared = candidates.filter(([, channels]) => channels !== undefined && channels % 3 === 0);
  const free = candidates.filter(([, channels, other]) =>
    channels === undefined && (other === undefined || other >= LEAST_PIXELS)
  );
  return (declared.length > 0 ? declared : free)
    .toSorted(([, a = 3], [, b = 3]) => a - b)
    .map(([layout]) => layout);
}

function checkFrames(input: GraphInput, frames: number): 1 | 3 {
  if (frames === 1 || frames === 3) return frames;
  throw unfit(
    input,
    `takes ${frames} frames. Export the graph for one frame, or for ${MOST_FRAMES}: before, now and after`,
  );
}

/** A number, or a list of a single one. */
function isDetail({ name, type, shape }: GraphInput): boolean {
  return name === "detail" && type === "float32" && shape.length === 0;
}

function unfit({ name, type, shape }: GraphInput, why: string): UnfitGraphError {
  const sides = shape.map((side) => side ?? "any").join(", ");
  return new UnfitGraphError(`Its input "${name}", ${type} [${sides}], ${why}`);
}
