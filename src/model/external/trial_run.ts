import type { ChannelOrder } from "./external_network.ts";
import type { GraphInterface } from "./graph_interface.ts";
import type { GraphSession, GraphTensor } from "./graph_session.ts";
import type { InputForm, Layout, ValueRange } from "./picture_tensor.ts";
import { runGraph } from "./run_graph.ts";
import type { TrialScene } from "./trial_scene.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/** Sides in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A run of a graph on the trial scene, and those of its outputs that may be the restored picture. */
export interface Trial {
  readonly scene: TrialScene;
  readonly input: InputForm;
  readonly outputs: readonly PictureOutput[];
}

/** An output of a picture's shape. */
export interface PictureOutput {
  readonly name: string;
  readonly layout: Layout;
  readonly channels: number;
  readonly tensor: GraphTensor;
}

/** What is assumed of a graph in a trial. */
export interface Assumption {
  readonly layout: Layout;
  readonly range: ValueRange;
  readonly order: ChannelOrder;
}

/** Values that may stand for black and white in graphs of floats, the likeliest first. */
export const FLOAT_RANGES: readonly ValueRange[] = [
  { black: 0, white: 1 },
  { black: 0, white: 255 },
  { black: -1, white: 1 },
];

/** Those that fit a graph's input. */
export function inputRanges({ type }: GraphInterface): readonly ValueRange[] {
  if (type === "uint8") return [{ black: 0, white: 255 }];
  return type === "uint16" ? [{ black: 0, white: 65535 }] : FLOAT_RANGES;
}

/**
 * Runs a graph on the blurry picture of the scene.
 *
 * @throws {UnfitGraphError} if no output has the picture's shape; whatever the runtime throws.
 */
export async function tryGraph(
  session: GraphSession,
  plan: GraphInterface,
  scene: TrialScene,
  assumed: Assumption,
): Promise<Trial> {
  const { type, hasFrameSide } = plan;
  const input: InputForm = { type, hasFrameSide, ...assumed };
  const { blurry, previous, next } = scene;
  const run = { picture: blurry, neighbours: [previous, next], form: input, detail: 1 };
  return { scene, input, outputs: pictureOutputs(await runGraph(session, plan, run), blurry) };
}

function pictureOutputs(outputs: ReadonlyMap<string, GraphTensor>, { width, height }: Size): PictureOutput[] {
  const found: PictureOutput[] = [];
  for (const [name, tensor] of outputs) {
    const [first = 0, second = 0, third = 0] = threeSides(tensor.dims);
    if (second === height && third === width && first > 0 && first % 3 === 0) {
      found.push({ name, layout: "NCHW", channels: first, tensor });
    } else if (first === height && second === width && third > 0 && third % 3 === 0) {
      found.push({ name, layout: "NHWC", channels: third, tensor });
    }
  }
  if (found.length > 0) return found;
  const shapes = [...outputs].map(([name, { dims }]) => `"${name}" [${dims.join(", ")}]`).join(", ");
  throw new UnfitGraphError(
    `Of a picture of ${width}x${height}, none of its outputs has the shape: ${shapes}`,
  );
}

/** Sides of a picture or a stack of them, without those of 1 before them; frames and channels are one. */
function threeSides(dims: readonly number[]): readonly number[] {
  const extra = dims.length - 3;
  const [batch = 1] = dims;
  if (extra <= 0) return dims;
  if (extra === 1) return batch === 1 ? dims.slice(1) : [];
  const [, frames = 1, channels = 1, ...sides] = dims;
  return extra === 2 && batch === 1 ? [frames * channels, ...sides] : [];
}

/** The smallest multiple that is at least `side`. */
export function roundUp(side: number, multiple: number): number {
  return Math.max(multiple, Math.ceil(side / multiple) * multiple);
}
