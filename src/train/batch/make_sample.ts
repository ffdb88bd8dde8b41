import sharp from "sharp";
import { copyRegion } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { type BlockFlow, blockFlow, flowPyramid } from "../../motion/block_flow.ts";
import { moveOnto } from "../../motion/move_onto.ts";
import { FLOW_CELL } from "../../model/network/config.ts";
import type { TrainConfig } from "../config.ts";
import type { SampleSetting } from "../settings.ts";
import { createRandom } from "../random.ts";
import type { SequencePair } from "../data/sequence_pairs.ts";
import { blurCrop } from "../camera/blur_crop.ts";
import { cutTurned, cutUpright } from "./cut_crops.ts";
import type { Sample, SampleNeighbour } from "./sample.ts";
import { soften } from "./soften.ts";

/** Training pictures of 8 bits, decoded on demand. */
export interface TrainingPictures {
  /** Real pairs, by sequence. */
  readonly sequences: readonly (readonly SequencePair[])[];
  /** Sharp pictures, on which blur is synthesised. */
  readonly photos: readonly (() => Promise<Picture>)[];
}

/** The part of a training config that decides a sample. */
export type SampleConfig = Pick<TrainConfig, SampleSetting | "network">;

/** Pixels around a sample in which neighbouring frames are searched, so that content that moved into the sample is found. */
const MARGIN = 2 * FLOW_CELL;

/** A square of consecutive frames with its margin: RGB bytes. */
interface Crop {
  readonly sharp: Uint8Array<ArrayBuffer>;
  /** The sample's own exposure. */
  readonly blurry: Uint8Array<ArrayBuffer>;
  /** The previous and the next exposure. */
  readonly beside: readonly (Uint8Array<ArrayBuffer> | undefined)[];
}

/**
 * Makes sample number `index` of a run, which depends only on the pictures, the config and the seed, so that any run can be repeated.
 *
 * @param side See `sampleSide`.
 */
export async function makeSample(
  pictures: TrainingPictures,
  config: SampleConfig,
  { side, seed, index }: { readonly side: number; readonly seed: number; readonly index: number },
): Promise<Sample> {
  const random = createRandom(seed, "sample", index);
  const margin = config.network.frames === 1 ? 0 : MARGIN;
  const size = side + 2 * margin;
  let crop = await randomCrop(pictures, config, side, margin, random);
  if (isDrawn(config.softShare, random)) {
    const sigma = 0.5 + 1.8 * random();
    crop = mapCrop(crop, (bytes) => soften(bytes, size, sigma));
  }
  // Where there is no blur to remove, the network should not learn to remove compression artefacts.
  if (crop.blurry !== crop.sharp && isDrawn(config.compressedShare, random)) {
    crop = await compress(crop, size, 60 + Math.floor(36 * random()));
  }
  const { blurry, sharp, beside } = crop;
  const inner = (bytes: Uint8Array<ArrayBuffer>) => withoutMargin(bytes, size, margin);
  const pyramid = beside.length > 0 ? flowPyramid({ data: blurry, width: size, height: size }) : undefined;
  const neighbours = beside.map((data): SampleNeighbour | undefined => {
    if (data === undefined || pyramid === undefined) return undefined;
    const picture = { data, width: size, height: size };
    const flow = blockFlow(pyramid, flowPyramid(picture));
    const moved = moveOnto(picture, flow).data as Uint8Array<ArrayBuffer>;
    return { moved: inner(moved), flow: innerCells(flow, margin / FLOW_CELL) };
  });
  return { side, blurry: inner(blurry), sharp: inner(sharp), neighbours };
}

async function randomCrop(
  { sequences, photos }: TrainingPictures,
  config: SampleConfig,
  size: number,
  margin: number,
  random: () => number,
): Promise<Crop> {
  const { cameraSpeed, cameraNoise, network: { frames } } = config;
  const fromPair = photos.length === 0 || (sequences.length > 0 && random() < config.pairShare);
  const sharpOnly = isDrawn(config.unblurredShare, random);
  let best: Crop | undefined;
  for (let i = 0; i < (sharpOnly ? 1 : config.candidates); i++) {
    let crop: Crop;
    if (fromPair) {
      crop = await pairCrop(pickPair(sequences, random), config, { size, margin, random }, sharpOnly);
    } else {
      const photo = await pick(photos, random)();
      const camera = { meanSpeed: cameraSpeed, mostNoise: cameraNoise };
      const options = { size, margin, random, frames, ...camera, sharpOnly };
      const { sharp, exposures } = blurCrop(photo, options);
      const middle = exposures.length >> 1;
      crop = {
        sharp,
        blurry: sharpOnly ? sharp : exposures[middle] ?? sharp,
        beside: exposures.toSpliced(middle, 1),
      };
    }
    if (best === undefined || squaredError(crop) > squaredError(best)) best = crop;
  }
  if (best === undefined) throw new RangeError(`Cannot choose a sample of ${config.candidates} candidates`);
  return best;
}

/** True for a share of the samples; no random number is drawn for a share of 0. */
function isDrawn(share: number, random: () => number): boolean {
  return share > 0 && random() < share;
}

/** A random pair. Sequences are weighted by the root of their length, because neighbouring frames are similar. */
function pickPair(sequences: readonly (readonly SequencePair[])[], random: () => number): SequencePair {
  const weights = sequences.map(({ length }) => Math.sqrt(length));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const found = sequences.find((_, i) => (left -= weights[i] ?? 0) < 0);
  return pick(found ?? sequences.at(-1) ?? [], random);
}

function pick<T>(list: readonly T[], random: () => number): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError("Cannot make a sample without pictures");
  return item;
}

/** A square of a real pair and of its neighbouring frames. */
async function pairCrop(
  pair: SequencePair,
  { reducedShare, turnedShare, network: { frames } }: SampleConfig,
  place: { readonly size: number; readonly margin: number; readonly random: () => number },
  sharpOnly: boolean,
): Promise<Crop> {
  const { size, random } = place;
  const kind = sharpOnly ? "sharp" : "blurry";
  const here = await pair.read();
  const { sharp } = here;
  const others = frames === 1 ? [] : [await pair.previous?.(), await pair.next?.()].map((other) => {
    const isSameSize = other?.sharp.width === sharp.width && other.sharp.height === sharp.height;
    return isSameSize ? other : undefined; // another size is another sequence
  });
  const pictures = [here[kind], ...others.flatMap((other) => other ? [other[kind]] : [])];
  if (!sharpOnly) pictures.push(sharp);
  const turned = isDrawn(turnedShare, random) ? cutTurned(pictures, place) : undefined;
  const fits = Math.min(sharp.width, sharp.height) >= 2 * size;
  const cut = turned ?? cutUpright(pictures, fits && random() < reducedShare ? 2 : 1, place);
  const [blurry, ...rest] = cut as [Uint8Array<ArrayBuffer>, ...typeof cut];
  const beside = others.map((other) => other && rest.shift());
  return { blurry, beside, sharp: rest.shift() ?? blurry };
}

function mapCrop(
  { sharp, blurry, beside }: Crop,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Crop {
  const changed = change(sharp);
  return {
    sharp: changed,
    blurry: blurry === sharp ? changed : change(blurry),
    beside: beside.map((bytes) => bytes && change(bytes)),
  };
}

/** Compresses the exposures as JPEG, but not the target: blurry frames are usually compressed before they are restored. */
async function compress(
  { sharp: target, blurry, beside }: Crop,
  size: number,
  quality: number,
): Promise<Crop> {
  const through = async (bytes: Uint8Array<ArrayBuffer>) => {
    const raw = { width: size, height: size, channels: 3 } as const;
    const jpeg = await sharp(bytes, { raw }).jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer();
    return new Uint8Array(await sharp(jpeg).raw().toBuffer());
  };
  const others = await Promise.all(beside.map((bytes) => bytes && through(bytes)));
  return { sharp: target, blurry: await through(blurry), beside: others };
}

function squaredError({ blurry, sharp }: Crop): number {
  let sum = 0;
  for (let i = 0; i < sharp.length; i++) sum += ((blurry[i] ?? 0) - (sharp[i] ?? 0)) ** 2;
  return sum;
}

function withoutMargin(
  data: Uint8Array<ArrayBuffer>,
  size: number,
  margin: number,
): Uint8Array<ArrayBuffer> {
  if (margin === 0) return data;
  const side = size - 2 * margin;
  const inner = new Uint8Array(3 * side * side);
  const region = { x: margin, y: margin, width: side, height: side };
  copyRegion({ data, width: size, height: size }, region, { data: inner, width: side, height: side }, 0, 0);
  return inner;
}

function innerCells({ columns, rows, vectors }: BlockFlow, margin: number): Float32Array<ArrayBuffer> {
  const inner = new Float32Array(2 * (columns - 2 * margin) * (rows - 2 * margin));
  for (let y = margin, at = 0; y < rows - margin; y++) {
    const row = vectors.subarray(2 * (y * columns + margin), 2 * ((y + 1) * columns - margin));
    inner.set(row, at);
    at += row.length;
  }
  return inner;
}
