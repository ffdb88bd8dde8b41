import { messageOf } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { ChannelOrder } from "./external_network.ts";
import { findSize, type FoundSize } from "./find_size.ts";
import { type GraphInterface, readInterface } from "./graph_interface.ts";
import type { GraphSession, GraphTensor } from "./graph_session.ts";
import { type InputForm, type OutputForm, toPicture, type ValueRange } from "./picture_tensor.ts";
import { FLOAT_RANGES, inputRanges, type Trial, tryGraph } from "./trial_run.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/** All that is needed to run a graph on pictures. */
export interface ProbedGraph extends Omit<FoundSize, "trial"> {
  readonly plan: GraphInterface;
  readonly input: InputForm;
  readonly output: OutputForm & { readonly name: string };
  /** The trial scene's blurry picture, and what became of it. */
  readonly trial: { readonly blurry: Picture; readonly restored: Picture };
  /** PSNR of both, in dB. */
  readonly psnr: { readonly blurry: number; readonly restored: number };
}

/** A range is taken instead of a likelier one if it restores the scene better by this many dB. */
const MARGIN = 1;
/** In a wrong range networks change the scene little, or harm it. */
const RESTORES = 0.3;

/**
 * Finds out by trial runs what a graph does not say: layout, sizes, which output is the picture, and what black and white are.
 *
 * @throws {UnfitGraphError} naming what does not fit.
 */
export async function probeGraph(session: GraphSession, order: ChannelOrder): Promise<ProbedGraph> {
  const plan = readInterface(session.inputs);
  const { trial, ...sizes } = await findSize(session, plan, order);
  const { blurry, sharp } = trial.scene;
  const { picture, decibels, input, output } = await findRanges(session, plan, trial);
  return {
    plan,
    input,
    output,
    ...sizes,
    trial: { blurry, restored: picture },
    psnr: { blurry: psnr(blurry, sharp), restored: decibels },
  };
}

interface Reading extends Pick<ProbedGraph, "input" | "output"> {
  readonly picture: Picture;
  readonly decibels: number;
}

/** Runs the scene in each range that values may have, and takes the one in which it is restored best. */
async function findRanges(session: GraphSession, plan: GraphInterface, first: Trial): Promise<Reading> {
  const { scene, input: { layout, order } } = first;
  const unrestored = psnr(scene.blurry, scene.sharp);
  let best: Reading | undefined;
  let failure: unknown;
  for (const range of inputRanges(plan)) {
    if (best !== undefined && best.decibels > unrestored + RESTORES) break; // it restores: nothing else can be meant
    const isFirst = range === first.input.range;
    const { input, outputs } = isFirst
      ? first
      : await tryGraph(session, plan, scene, { layout, range, order });
    for (const { tensor, ...place } of outputs) {
      for (const shown of outputRanges(tensor, range)) {
        const output = { ...place, range: shown, order };
        try {
          const picture = toPicture(tensor, output, scene.blurry);
          const decibels = psnr(picture, scene.sharp);
          if (best === undefined || decibels > best.decibels + MARGIN) {
            best = { input, output, picture, decibels };
          }
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
  return FLOAT_RANGES.includes(input) ? [...new Set([input, ...FLOAT_RANGES])] : FLOAT_RANGES;
}

function psnr(picture: Picture, sharp: Picture): number {
  let sum = 0;
  picture.data.forEach((value, i) => sum += (value - (sharp.data[i] ?? 0)) ** 2);
  return 10 * Math.log10(255 ** 2 / Math.max(1e-3, sum / picture.data.length));
}
