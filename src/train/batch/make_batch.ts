import type { Picture } from "../../frame.ts";
import { blurCrop } from "../synth/blur_crop.ts";
import type { CropShare, TrainConfig } from "../config.ts";
import { createRandom } from "../random.ts";
import { type Colours, randomColours, TRUE_COLOURS } from "./recolour.ts";
import { soften } from "./soften.ts";
import { turnedCrop } from "./turned_crop.ts";

/** Blurry and sharp picture of the same size. */
export interface TrainingPair {
  /** What the camera saw while it moved. */
  readonly blurry: Picture;
  /** What it would have seen standing still. */
  readonly sharp: Picture;
}

/** Training pictures of 8 bits, decoded already or when they are wanted. */
export interface TrainingPictures {
  /** Real pairs. */
  readonly pairs: readonly (TrainingPair | (() => Promise<TrainingPair>))[];
  /** Sharp pictures; blur is synthesised on them. */
  readonly photos: readonly (Picture | (() => Promise<Picture>))[];
}

/** One training step's input and target: `[batch, crop, crop, 3]`, values 0 … 1. */
export interface Batch {
  /** Input. */
  readonly blurry: Float32Array<ArrayBuffer>;
  /** Target. */
  readonly sharp: Float32Array<ArrayBuffer>;
}

type Crop = { readonly blurry: Uint8Array; readonly sharp: Uint8Array };
/** What of a training config decides a batch. */
export type BatchConfig = Pick<
  TrainConfig,
  CropShare | "batch" | "crop" | "meanDisplacement" | "candidates"
>;

/** The batch of one step: a function of the pictures, the seed and the step alone, so that any run can be repeated. */
export async function makeBatch(
  pictures: TrainingPictures,
  config: BatchConfig,
  seed: number,
  step: number,
): Promise<Batch> {
  const { batch, crop } = config;
  const samples = crop * crop * 3;
  const blurry = new Float32Array(batch * samples);
  const sharp = new Float32Array(batch * samples);
  for (let i = 0; i < batch; i++) {
    const random = createRandom(seed, "batch", step, i);
    const chosen = await randomCrop(pictures, config, random);
    const flip = Math.floor(random() * 8);
    const colours = happens(config.colourShare, random) ? randomColours(random) : TRUE_COLOURS;
    for (const [from, to] of [[chosen.blurry, blurry], [chosen.sharp, sharp]] as const) {
      copyFlipped(from, to.subarray(i * samples, (i + 1) * samples), crop, flip, colours);
    }
  }
  return { blurry, sharp };
}

async function randomCrop(
  { pairs, photos }: TrainingPictures,
  config: BatchConfig,
  random: () => number,
): Promise<Crop> {
  const { crop: size, meanDisplacement } = config;
  const fromPair = photos.length === 0 || (pairs.length > 0 && random() < config.pairShare);
  const unblurred = random() < config.unblurredShare;
  let best: Crop | undefined;
  for (let i = 0; i < (unblurred ? 1 : config.candidates); i++) {
    const crop = fromPair
      ? pairCrop(await pick(pairs, random), config, random)
      : blurCrop(await pick(photos, random), { size, random, meanDisplacement, sharpOnly: unblurred });
    if (best === undefined || squaredError(crop) > squaredError(best)) best = crop;
  }
  if (best === undefined) {
    throw new RangeError(`Cannot make a batch: candidates must be 1 or more, not ${config.candidates}`);
  }
  const { blurry, sharp } = unblurred ? { blurry: best.sharp, sharp: best.sharp } : best;
  if (!happens(config.softShare, random)) return { blurry, sharp };
  const sigma = 0.5 + 1.8 * random();
  const softSharp = soften(sharp, size, sigma);
  return { blurry: blurry === sharp ? softSharp : soften(blurry, size, sigma), sharp: softSharp };
}

/** Whether what a share of the crops gets happens to this one; draws nothing where it never does. */
function happens(share: number, random: () => number): boolean {
  return share > 0 && random() < share;
}

async function pick<T extends object>(
  list: readonly (T | (() => Promise<T>))[],
  random: () => number,
): Promise<T> {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError("Cannot make a batch of no pictures");
  return typeof item === "function" ? await item() : item;
}

/** A part of a real pair; a reduced one shows more of the scene, with less blur: easy before hard. */
function pairCrop(
  { blurry, sharp }: TrainingPair,
  { crop: size, reducedShare, turnedShare }: BatchConfig,
  random: () => number,
): Crop {
  const turned = happens(turnedShare, random) ? turnedCrop([blurry, sharp], size, random) : undefined;
  if (turned !== undefined) return { blurry: turned[0], sharp: turned[1] };
  const fits = Math.min(sharp.width, sharp.height) >= 2 * size;
  const factor = fits && random() < reducedShare ? 2 : 1;
  const left = Math.floor(random() * (sharp.width - factor * size + 1));
  const top = Math.floor(random() * (sharp.height - factor * size + 1));
  const cut = factor === 1 ? cutOut : cutOutHalved;
  return { blurry: cut(blurry, left, top, size), sharp: cut(sharp, left, top, size) };
}

function cutOut({ data, width }: Picture, left: number, top: number, size: number): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * width + left) * 3;
    out.set(data.subarray(from, from + size * 3), y * size * 3);
  }
  return out;
}

/** `size` × `size` means of 2 × 2 pixels. */
function cutOutHalved({ data, width }: Picture, left: number, top: number, size: number): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  const at = (index: number) => data[index] ?? 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = ((top + 2 * y) * width + left + 2 * x) * 3;
      const below = from + width * 3;
      for (let c = 0; c < 3; c++) {
        out[(y * size + x) * 3 + c] =
          (at(from + c) + at(from + c + 3) + at(below + c) + at(below + c + 3) + 2) >> 2;
      }
    }
  }
  return out;
}

function squaredError({ blurry, sharp }: Crop): number {
  let sum = 0;
  for (let i = 0; i < sharp.length; i++) sum += ((blurry[i] ?? 0) - (sharp[i] ?? 0)) ** 2;
  return sum;
}

/** Copies as 0 … 1, mirrored left to right (bit 0), top to bottom (bit 1), and transposed (bit 2). */
function copyFlipped(
  from: Uint8Array,
  to: Float32Array,
  size: number,
  flip: number,
  { order: [red, green, blue], tables: [reds, greens, blues] }: Colours,
): void {
  const last = size - 1;
  const [across, down] = flip & 4 ? [3 * size, 3] : [3, 3 * size];
  const [left, top] = flip & 4 ? [flip & 2, flip & 1] : [flip & 1, flip & 2];
  const [stepX, stepY] = [left ? -across : across, top ? -down : down];
  const first = (left ? last * across : 0) + (top ? last * down : 0);
  for (let y = 0, target = 0; y < size; y++) {
    for (let x = 0, source = first + y * stepY; x < size; x++, source += stepX, target += 3) {
      to[target] = reds[from[source + red] as number] as number;
      to[target + 1] = greens[from[source + green] as number] as number;
      to[target + 2] = blues[from[source + blue] as number] as number;
    }
  }
}
