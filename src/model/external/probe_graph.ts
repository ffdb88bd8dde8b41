import { messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { ChannelOrder } from "./external_network.ts";
import { type GraphInterface, readInterface } from "./graph_interface.ts";
import type { GraphSession, GraphTensor } from "./graph_session.ts";
import type { InputForm, Layout, OutputForm, ValueRange } from "./picture_tensor.ts";
import { toPicture } from "./picture_tensor.ts";
import { type GraphRun, runGraph } from "./run_graph.ts";
import { renderTrialScene, type TrialScene } from "./trial_scene.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/** All that is needed to run a graph on pictures. */
export interface ProbedGraph {
  readonly plan: GraphInterface;
  readonly input: InputForm;
  readonly output: OutputForm & { readonly name: string };
  /** Sides must be multiples of this. */
  readonly sizeMultiple: number;
  /** The only size it runs at. */
  readonly fixedSize?: Size;
  /** PSNR of the trial scene, blurry and restored, in dB. */
  readonly psnr: { readonly blurry: number; readonly restored: number };
}

/** Sides in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MULTIPLES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/** Sizes tried where none runs: what graphs are exported for that say they take any size, and do not. */
const COMMON_SIZES: readonly Size[] = [
  { width: 256, height: 256 },
  { width: 512, height: 512 },
  { width: 128, height: 128 },
  { width: 64, height: 64 },
];
/** The scene on which ranges of values are compared, at least. */
const SCENE: Size = { width: 160, height: 64 };

const UNIT: ValueRange = { black: 0, white: 1 };
const FLOAT_RANGES: readonly ValueRange[] = [UNIT, { black: 0, white: 255 }, { black: -1, white: 1 }];
/** A range is taken instead of a likelier one if it restores the scene better by this many dB. */
const MARGIN = 1;

/**
 * Finds out by trial runs what a graph does not say: layout, sizes, which output is the picture, and what black and white are.
 *
 * @throws {UnfitGraphError} naming what does not fit.
 */
export async function probeGraph(session: GraphSession, order: ChannelOrder): Promise<ProbedGraph> {
  const plan = readInterface(session.inputs);
  const fit = await findSize(session, plan, order);
  const { layout, sizeMultiple, fixedSize } = fit;
  const size = fixedSize ?? {
    width: roundUp(SCENE.width, sizeMultiple),
    height: roundUp(SCENE.height, sizeMultiple),
  };
  const scene = renderTrialScene(size.width, size.height);
  const best = await findRanges(session, plan, scene, { layout, order });
  return {
    plan,
    ...best,
    sizeMultiple,
    ...(fixedSize && { fixedSize }),
    psnr: { blurry: psnr(scene.blurry, scene.sharp), restored: best.restored },
  };
}

interface Fit {
  readonly layout: Layout;
  readonly sizeMultiple: number;
  readonly fixedSize?: Size;
}

/** The smallest sizes first: those that do not fit fail soon. */
async function findSize(session: GraphSession, plan: GraphInterface, order: ChannelOrder): Promise<Fit> {
  let failure: unknown;
  const runsAt = async (layout: Layout, size: Size): Promise<boolean> => {
    const form = inputForm(plan, { layout, order, range: rangesOf(plan)[0] ?? UNIT });
    try {
      const scene = renderTrialScene(size.width, size.height);
      const outputs = await runGraph(session, plan, trialRun(scene, form));
      candidates(outputs, size);
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  const { width, height } = plan.fixed;
  if (width !== undefined || height !== undefined) {
    const fixedSize = { width: width ?? height ?? 0, height: height ?? width ?? 0 };
    for (const layout of plan.layouts) {
      if (await runsAt(layout, fixedSize)) return { layout, sizeMultiple: 1, fixedSize };
    }
    throw new UnfitGraphError(`It does not run at its own size, ${nameOf(fixedSize)}: ${messageOf(failure)}`);
  }
  for (const sizeMultiple of MULTIPLES) {
    for (const layout of plan.layouts) {
      const small = { width: 3 * sizeMultiple, height: sizeMultiple };
      const larger = {
        width: roundUp(SCENE.width, sizeMultiple),
        height: roundUp(SCENE.height, sizeMultiple),
      };
      // Two sizes: a graph with one of them fixed inside may say that it takes any.
      if (await runsAt(layout, small) && await runsAt(layout, larger)) return { layout, sizeMultiple };
    }
  }
  const free = failure;
  for (const fixedSize of COMMON_SIZES) {
    for (const layout of plan.layouts) {
      if (await runsAt(layout, fixedSize)) return { layout, sizeMultiple: 1, fixedSize };
    }
  }
  throw new UnfitGraphError(
    `Its input "${plan.picture}" is declared for pictures of any size, but it runs at none that was tried: ${
      messageOf(free)
    }`,
  );
}

function rangesOf({ type }: GraphInterface): readonly ValueRange[] {
  if (type === "uint8") return [{ black: 0, white: 255 }];
  return type === "uint16" ? [{ black: 0, white: 65535 }] : FLOAT_RANGES;
}

function inputForm(
  { type, hasFrameSide }: GraphInterface,
  form: Pick<InputForm, "layout" | "order" | "range">,
): InputForm {
  return { type, hasFrameSide, ...form };
}

function trialRun({ blurry, previous, next }: TrialScene, form: InputForm): GraphRun {
  return { picture: blurry, neighbours: [previous, next], form, detail: 1 };
}

interface Candidate {
  readonly name: string;
  readonly layout: Layout;
  readonly channels: number;
  readonly tensor: GraphTensor;
}

/** Outputs that may be the restored picture. @throws {UnfitGraphError} if none has its shape. */
function candidates(outputs: ReadonlyMap<string, GraphTensor>, { width, height }: Size): Candidate[] {
  const found: Candidate[] = [];
  for (const [name, tensor] of outputs) {
    const sides = tensor.dims.filter((side, i) => side !== 1 || i >= tensor.dims.length - 3);
    const [a, b, c, ...more] = sides.length === 4
      ? [(sides[0] ?? 0) * (sides[1] ?? 0), ...sides.slice(2)]
      : sides;
    if (more.length > 0 || a === undefined || b === undefined || c === undefined) continue;
    if (b === height && c === width && a % 3 === 0) found.push({ name, layout: "NCHW", channels: a, tensor });
    else if (a === height && b === width && c % 3 === 0) {
      found.push({ name, layout: "NHWC", channels: c, tensor });
    }
  }
  if (found.length > 0) return found;
  const shapes = [...outputs].map(([name, { dims }]) => `"${name}" [${dims.join(", ")}]`).join(", ");
  throw new UnfitGraphError(
    `Of a picture of ${width}x${height}, none of its outputs has the shape: ${shapes}`,
  );
}

/** Runs the scene in each range that values may have, and takes the one in which it is restored best. */
async function findRanges(
  session: GraphSession,
  plan: GraphInterface,
  scene: TrialScene,
  form: Pick<InputForm, "layout" | "order">,
): Promise<Pick<ProbedGraph, "input" | "output"> & { restored: number }> {
  let best: (Pick<ProbedGraph, "input" | "output"> & { restored: number }) | undefined;
  let failure: unknown;
  for (const range of rangesOf(plan)) {
    const input = inputForm(plan, { ...form, range });
    const outputs = await runGraph(session, plan, trialRun(scene, input));
    for (const { name, layout, channels, tensor } of candidates(outputs, scene.blurry)) {
      for (const shown of outputRanges(tensor, range)) {
        const output = { name, layout, channels, range: shown, order: form.order };
        try {
          const restored = psnr(toPicture(tensor, output, scene.blurry), scene.sharp);
          if (best === undefined || restored > best.restored + MARGIN) best = { input, output, restored };
        } catch (error) {
          failure = error;
        }
      }
    }
  }
  if (best === undefined) {
    throw new UnfitGraphError(`It cannot restore a trial picture: ${messageOf(failure)}`);
  }
  return best;
}

/** The range of the input is the likeliest one of the output. */
function outputRanges({ type }: GraphTensor, input: ValueRange): readonly ValueRange[] {
  if (type === "uint8") return [{ black: 0, white: 255 }];
  if (type === "uint16") return [{ black: 0, white: 65535 }];
  return [...new Set([FLOAT_RANGES.includes(input) ? input : UNIT, ...FLOAT_RANGES])];
}

function psnr(picture: Picture, sharp: Picture): number {
  let sum = 0;
  picture.data.forEach((value, i) => sum += (value - (sharp.data[i] ?? 0)) ** 2);
  return 10 * Math.log10(255 ** 2 / Math.max(1e-3, sum / picture.data.length));
}

function roundUp(side: number, multiple: number): number {
  return Math.ceil(side / multiple) * multiple;
}

function nameOf({ width, height }: Size): string {
  return `${width}x${height}`;
}
