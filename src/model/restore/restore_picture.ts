import { freePicture, type Picture } from "../../frame.ts";
import {
  blankPicture,
  copyOfRegion,
  copyRegion,
  cropPicture,
  intersection,
  type Region,
} from "../../crop_picture.ts";
import type { Neighbours, Precision, Restored, RestoreOptions } from "../engine/engine.ts";
import { alignNeighbours } from "./align_neighbours.ts";
import {
  type AlignedNeighbour,
  cropInput,
  type NetworkInput,
  noNeighbour,
  padInput,
} from "./network_input.ts";
import { FLOW_CELL } from "../network/config.ts";
import { meanRestored } from "./mean_restored.ts";
import { applyStrength, touchedRegion } from "./strength.ts";
import { planFixedTiles, planTiles, type Tile } from "./tiling.ts";
import type { NetworkTraits } from "../network/network_traits.ts";

/** The pictures that a network makes of one. */
export type RestoredPictures = Omit<Restored, "input" | "neighbours">;

/** What the network itself needs to know of {@linkcode RestoreOptions}. */
export type NetworkOptions = Required<Pick<RestoreOptions, "detail" | "branches">>;

/** How one picture is restored, with every choice made. */
export type PictureOptions = Required<Omit<RestoreOptions, "memoryBudget" | "onProgress">>;

/** A network loaded on a device. */
export interface LoadedNetwork {
  /** What it computes with. @default {"float32"} */
  readonly precision?: Precision;
  /**
   * Restores a picture of a size that its {@linkcode NetworkTraits} allow; leaves what it is given as it is and keeps nothing of it.
   * One run at a time.
   *
   * @param input With as many neighbours as the network takes.
   */
  run(input: NetworkInput, options: NetworkOptions): Promise<RestoredPictures>;
}

/** What restoring pictures of any size needs to know. */
export interface RestorePlan {
  readonly traits: NetworkTraits;
  /** Bytes that restoring one picture may take. */
  readonly memoryBudget: number;
  /** A network of one frame, for what has no neighbour; where there is one instead of two, the mean of both networks counts. */
  readonly alone?: { readonly network: LoadedNetwork; readonly traits: NetworkTraits } | undefined;
  /** Called with the share of a picture that is done, when it is split into tiles. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Context around a part that is restored alone, as a share of what a network can reach: its answer depends little on the
 * outer part. With the fast preset, that is 112 pixels: of a smeared frame of the sample 2 % of the samples differ from the
 * whole picture's, by two grey levels at most; of the clips tried else none.
 */
const CONTEXT_SHARE = 1 / 4;

/** Parts begin and end at multiples of this number of pixels: a runtime prepares itself again for each size. */
const PART_STEP = 128;

/** Restores a region of a picture of any size, each part as strongly as asked, and only what is to be changed at all. */
export async function restorePicture(
  picture: Picture,
  network: LoadedNetwork,
  options: PictureOptions,
  plan: RestorePlan,
): Promise<Restored> {
  const { strength, neighbours, region, ...asked } = options;
  const { alone, traits } = plan;
  const touched = asked.branches ? region : touchedRegion(strength, picture);
  const part = touched && intersection(touched, region);
  if (part === undefined) return { input: picture, image: copyOfRegion(picture, region) };
  const restoreAlone = alone &&
    ((onProgress = plan.onProgress) =>
      restorePicture(picture, alone.network, { ...options, neighbours: {} }, {
        ...plan,
        traits: alone.traits,
        alone: undefined,
        onProgress,
      }));
  if (restoreAlone && !(neighbours.previous || neighbours.next)) return await restoreAlone();
  const read = withContext(part, picture, traits);
  const aligned = traits.frames === 1 ? [] : alignNeighbours(picture, neighbours, read);
  const seen = aligned.filter((neighbour) => neighbour !== undefined).length;
  if (restoreAlone && seen === 0) return await restoreAlone();
  const shown = cropPicture(picture, read);
  const beside = traits.takesAligned ? aligned : asTheyAre(aligned, neighbours, read);
  const input = { picture: shown, neighbours: beside.map((neighbour) => neighbour ?? noNeighbour(shown)) };
  const restored = await restoreFully(input, network, asked, plan);
  freeCopies(input, picture);
  const { image, up, down } = cutOut(restored, read, part, region, picture);
  for (const larger of [restored.image, restored.up, restored.down]) {
    if (larger && ![image, up, down].includes(larger)) freePicture(larger);
  }
  applyStrength(image, picture, strength, region);
  const result = {
    input: picture,
    image,
    ...(up && { up }),
    ...(down && { down }),
    ...(seen > 0 && { neighbours: seen }),
  };
  if (!restoreAlone || seen === aligned.length) return result;
  return meanRestored(result, await restoreAlone(() => {})); // with one neighbour neither is always the better
}

/** Copies of the part of each neighbour that shows the same scene, where it was in that frame. */
function asTheyAre(
  aligned: readonly (AlignedNeighbour | undefined)[],
  { previous, next }: Neighbours,
  read: Region,
): (AlignedNeighbour | undefined)[] {
  return [previous, next].map((neighbour, i) => {
    const found = aligned[i];
    if (found === undefined || neighbour === undefined) return undefined;
    freePicture(found.moved);
    return { moved: copyOfRegion(neighbour, read), flow: found.flow };
  });
}

/** A region and its context, as far as the picture goes, cut where the strides fall as in the whole picture. */
function withContext(
  { x, y, width, height }: Region,
  picture: Picture,
  { reach, sizeMultiple, frames }: NetworkTraits,
): Region {
  const context = reach * CONTEXT_SHARE;
  const multiple = frames === 1 ? sizeMultiple : Math.max(sizeMultiple, FLOW_CELL);
  const step = Math.ceil(PART_STEP / multiple) * multiple;
  const begin = (at: number) => Math.max(0, Math.floor((at - context) / step) * step);
  const end = (at: number, most: number) => Math.min(most, Math.ceil((at + context) / step) * step);
  const [left, top] = [begin(x), begin(y)];
  return {
    x: left,
    y: top,
    width: end(x + width, picture.width) - left,
    height: end(y + height, picture.height) - top,
  };
}

/** `region` of what was restored of `read`; around `part`, `image` is `picture`. The branches are there only if `part` is all of it. */
function cutOut(
  { image, up, down }: RestoredPictures,
  read: Region,
  part: Region,
  region: Region,
  picture: Picture,
): RestoredPictures {
  const inRead = (at: Region): Region => ({ ...at, x: at.x - read.x, y: at.y - read.y });
  const branches = {
    ...(up && { up: cropPicture(up, inRead(region)) }),
    ...(down && { down: cropPicture(down, inRead(region)) }),
  };
  const isAllOfIt = part.width === region.width && part.height === region.height;
  if (isAllOfIt) return { image: cropPicture(image, inRead(region)), ...branches };
  const pasted = copyOfRegion(picture, region);
  copyRegion(image, inRead(part), pasted, part.x - region.x, part.y - region.y);
  return { image: pasted, ...branches };
}

/** The tiles that a picture is restored in: one, as large as itself, where network and memory allow. */
function tilesOf(
  size: Pick<Picture, "width" | "height">,
  { traits, memoryBudget }: Pick<RestorePlan, "traits" | "memoryBudget">,
): Tile[] {
  const { sizeMultiple: multiple, fixedSize, reach, bytesPerPixel } = traits;
  if (fixedSize !== undefined) return planFixedTiles(size, fixedSize, reach);
  return planTiles(size, { multiple, reach, maxPixels: memoryBudget / bytesPerPixel });
}

/** Pixels that a network computes to restore a picture: what is added to its sides and what tiles overlap count too. */
export function computedPixels(
  { width, height }: Pick<Picture, "width" | "height">,
  plan: Pick<RestorePlan, "traits" | "memoryBudget">,
): number {
  const { sizeMultiple, fixedSize } = plan.traits;
  const roundUp = (side: number, least = 1) => Math.ceil(Math.max(side, least) / sizeMultiple) * sizeMultiple;
  const padded = { width: roundUp(width, fixedSize?.width), height: roundUp(height, fixedSize?.height) };
  return tilesOf(padded, plan).reduce((sum, { read }) => sum + read.width * read.height, 0);
}

/** Mirrored up to the network's multiple, in tiles if need be, cropped back. */
async function restoreFully(
  input: NetworkInput,
  network: LoadedNetwork,
  options: NetworkOptions,
  plan: RestorePlan,
): Promise<RestoredPictures> {
  const { traits, onProgress } = plan;
  const { picture } = input;
  const padded = padInput(input, traits.sizeMultiple, traits.fixedSize);
  const tiles = tilesOf(padded.picture, plan);
  if (tiles.length === 1) {
    const whole = wholeOf(picture);
    const { image, up, down } = await network.run(padded, options);
    freeCopies(padded, ...picturesOf(input));
    return {
      image: cropPicture(image, whole),
      ...(up && { up: cropPicture(up, whole) }),
      ...(down && { down: cropPicture(down, whole) }),
    };
  }
  const blank = () => blankPicture(picture, picture.width, picture.height);
  const { branches } = options;
  const whole = {
    image: blank(),
    ...(branches && { up: blank() }),
    ...(branches && traits.twoWay && { down: blank() }),
  };
  for (const [i, tile] of tiles.entries()) {
    const cut = cropInput(padded, tile.read);
    const restored = await network.run(cut, options);
    freeCopies(cut);
    paste(restored.image, tile, whole.image);
    if (restored.up && whole.up) paste(restored.up, tile, whole.up);
    if (restored.down && whole.down) paste(restored.down, tile, whole.down);
    onProgress?.((i + 1) / tiles.length);
  }
  freeCopies(padded, ...picturesOf(input));
  return whole;
}

/** Frees the pictures of an input, but those that are still needed. */
function freeCopies(input: NetworkInput, ...needed: readonly Picture[]): void {
  const kept = new Set(needed.map(({ data }) => data.buffer));
  for (const picture of new Set(picturesOf(input))) if (!kept.has(picture.data.buffer)) freePicture(picture);
}

function picturesOf({ picture, neighbours }: NetworkInput): Picture[] {
  return [picture, ...neighbours.map(({ moved }) => moved)];
}

function wholeOf({ width, height }: Picture): Region {
  return { x: 0, y: 0, width, height };
}

/** Copies what is kept of a tile to its place, as far as the picture goes. */
function paste(restored: Picture, { read, keep }: Tile, to: Picture): void {
  const width = Math.min(keep.width, to.width - keep.x);
  const height = Math.min(keep.height, to.height - keep.y);
  if (width <= 0 || height <= 0) return;
  copyRegion(restored, { x: keep.x - read.x, y: keep.y - read.y, width, height }, to, keep.x, keep.y);
}
