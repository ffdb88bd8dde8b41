import { cropPicture } from "../../crop_picture.ts";
import { openEngine } from "../../model/engine/open_engine.ts";
import { calibrateNetwork } from "../../model/onnx/int8/calibrate_network.ts";
import { alignNeighbours } from "../../model/restore/align_neighbours.ts";
import type { NetworkInput } from "../../model/restore/network_input.ts";
import type { Calibration } from "../../model/weights/calibration.ts";
import type { Weights } from "../../model/weights/weights.ts";
import type { PairFiles } from "../data/pair_files.ts";
import { readPicture } from "../data/picture_file.ts";
import { neighboursOf } from "../data/sequence_pairs.ts";
import { evaluate, type Evaluation } from "../evaluate/evaluate.ts";

/** Options of {@linkcode calibrate}. */
export interface CalibrateOptions {
  /** Pictures to look at, spread over all pairs. @default {24} */
  readonly pictures?: number;
  /** Pairs, not calibrated on, on which to measure the loss, from {@linkcode listPairs}. @default {none: `auto` will not use the result} */
  readonly validation?: readonly PairFiles[];
  /** Told after every picture. */
  readonly onPicture?: (done: number, total: number) => void;
  /** Stops before the next picture with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Size of the part that is looked at, in pixels: all values of a network are kept at once. */
const PART = { width: 640, height: 384 };
/** Between parts, as a share of the picture: never the same place twice. */
const STEP = { x: 0.618, y: 0.755 };

/**
 * Finds how a network can compute with bytes (`precision: "int8"`): the ranges of its values on training pictures, and what that loses
 * on others.
 *
 * @param pairs From {@linkcode listPairs}; only the blurry pictures are looked at. A network of three frames takes those with neighbours.
 * @throws {RangeError} if no picture can be used; {MediaError} if one cannot be decoded; `signal.reason`.
 */
export async function calibrate(
  weights: Weights,
  pairs: readonly PairFiles[],
  options: CalibrateOptions = {},
): Promise<Calibration> {
  const { pictures = 24, validation = [], signal, onPicture } = options;
  const chosen = spread(weights.config.frames === 1 ? pairs.map(framesAlone) : framesWithin(pairs), pictures);
  const total = chosen.length + 2 * validation.length;
  const inputs: NetworkInput[] = [];
  for (const [i, frames] of chosen.entries()) {
    signal?.throwIfAborted();
    const input = await readInput(frames, i);
    if (input !== undefined) inputs.push(input);
    onPicture?.(i + 1, total);
  }
  if (inputs.length === 0) {
    throw new RangeError("Cannot calibrate: no picture has the neighbours that the network looks at");
  }
  const found = { ...await calibrateNetwork(weights, inputs), loss: {} };
  let done = chosen.length;
  const measure = async (precision: "float32" | "int8") => {
    await using engine = await openEngine({
      weights: { ...weights, calibration: found },
      device: "cpu",
      precision,
    });
    return await evaluate(engine, validation, {
      ...(signal && { signal }),
      onPicture: () => onPicture?.(++done, total),
    });
  };
  if (validation.length === 0) return found;
  return { ...found, loss: lossOf(await measure("float32"), await measure("int8")) };
}

/** Files of a blurry picture and of those before and after it, if the network looks at them. */
interface FrameFiles {
  readonly picture: string;
  readonly beside?: { readonly previous: string; readonly next: string };
}

function framesAlone({ blurry }: PairFiles): FrameFiles {
  return { picture: blurry };
}

/** Those that have both neighbours. */
function framesWithin(pairs: readonly PairFiles[]): FrameFiles[] {
  const neighbours = neighboursOf(pairs);
  return pairs.flatMap(({ blurry: picture }, i) => {
    const { previous, next } = neighbours[i] ?? {};
    return previous && next ? { picture, beside: { previous: previous.blurry, next: next.blurry } } : [];
  });
}

/** At most `count` of some things, equally far apart. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor((i + 0.5) * all.length / count)] as T);
}

/** A part of a picture, another one each time, with what is beside it. */
async function readInput(files: FrameFiles, time: number): Promise<NetworkInput | undefined> {
  const picture = await readPicture(files.picture);
  const side = (most: number, whole: number) => Math.min(most, Math.floor(whole / CELLS) * CELLS);
  const width = side(PART.width, picture.width);
  const height = side(PART.height, picture.height);
  const begin = (share: number, room: number) => Math.floor((share * time % 1) * (room / CELLS + 1)) * CELLS;
  const x = Math.min(begin(STEP.x, picture.width - width), picture.width - width);
  const y = Math.min(begin(STEP.y, picture.height - height), picture.height - height);
  const region = { x: x - x % CELLS, y: y - y % CELLS, width, height };
  const beside = files.beside && {
    previous: await readPicture(files.beside.previous),
    next: await readPicture(files.beside.next),
  };
  const neighbours = beside ? alignNeighbours(picture, beside, region) : [];
  const seen = neighbours.filter((neighbour) => neighbour !== undefined);
  return seen.length < neighbours.length
    ? undefined
    : { picture: cropPicture(picture, region), neighbours: seen };
}

/** Places and sizes of parts are multiples of this: of what every preset and the flow of neighbours take. */
const CELLS = 32;

/** Mean loss of each sequence, in dB. */
function lossOf(exact: Evaluation, rounded: Evaluation): Record<string, number> {
  const differences = exact.pictures.map(({ name, psnr }, i) => ({
    sequence: name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "pictures",
    lost: psnr - (rounded.pictures[i]?.psnr ?? 0),
  }));
  const sequences = Object.entries(Object.groupBy(differences, ({ sequence }) => sequence));
  return Object.fromEntries(sequences.map(([name, rows = []]) => {
    const mean = rows.reduce((sum, { lost }) => sum + lost, 0) / rows.length;
    return [name, Number(mean.toFixed(4))];
  }));
}
