import { copyOfRegion } from "../../crop_picture.ts";
import { OptionError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import { type FramedPlane, type Plane, type ShiftedSums, shiftedSums, shiftSamples } from "./shifted_sums.ts";

/** Options of {@linkcode align}. */
export interface AlignOptions {
  /** Largest translation, in pixels each way; a border of this width is cut off. @default {a 32nd of the shorter side, at least 16} */
  readonly maxShift?: number;
}

/** A picture aligned to another, both cropped to the part that stays inside at any translation. */
export interface Aligned {
  readonly picture: Picture;
  readonly reference: Picture;
  /** Intensity scale. */
  readonly scale: number;
  /** Translation, in pixels: the sample at (x, y) is taken from (x + dx, y + dy). */
  readonly dx: number;
  readonly dy: number;
}

/** Cubic interpolation reaches two pixels beyond the whole part of a translation, which may itself grow by one. */
const REACH = 3;

/**
 * Finds the intensity scale and the sub-pixel translation of `picture` that minimise its squared error against `reference` over
 * all RGB samples, as Köhler et al. (2012) compare a result with a frame of the camera's trajectory. Whole pixels are searched from
 * coarse to fine on brightness; Gauss-Newton steps refine them, on brightness, then on all three channels (cubic interpolation).
 *
 * @throws {OptionError} if the pictures differ in size, are not of 8 bits, or are too small for the largest translation.
 */
export function align(picture: Picture, reference: Picture, options: AlignOptions = {}): Aligned {
  const { width, height } = picture;
  const shorter = Math.min(width, height);
  const maxShift = options.maxShift ?? Math.min(Math.max(16, shorter >> 5), shorter >> 3);
  const margin = maxShift + REACH;
  if (width !== reference.width || height !== reference.height) {
    throw new OptionError(
      `Cannot align a picture of ${width} x ${height} with one of ${reference.width} x ${reference.height}: their sizes differ`,
    );
  }
  if (shorter <= 2 * margin) {
    throw new OptionError(
      `Cannot align ${width} x ${height} pixels with shifts of ${maxShift}: the sides must be above ${
        2 * margin
      }`,
    );
  }
  const [moving, fixed] = [brightness(picture), brightness(reference)];
  const [whole = { dx: 0, dy: 0 }] = wholePixels(moving, fixed, maxShift);
  const most = maxShift + 1;
  const close = betweenPixels({ ...moving, margin }, { ...fixed, margin }, whole, most);
  const found = betweenPixels(
    { ...colours(picture), margin },
    { ...colours(reference), margin },
    close,
    most,
  );
  return cutBoth(picture, reference, found, margin);
}

interface Shift {
  readonly dx: number;
  readonly dy: number;
}

/** A translation and its squared error. */
interface Candidate extends Shift {
  readonly error: number;
}

/** Number of translations that are refined at the next size: with repeated fine patterns, the best one at a coarse size can be wrong. */
const CANDIDATES = 6;
/** Largest translation at the coarsest size, where all are tried. */
const COARSEST_SHIFT = 8;

/** The best translations in whole pixels, best first: of all at the coarsest size, then of the neighbours of these at each finer size. */
function wholePixels(moving: Plane, fixed: Plane, maxShift: number): Candidate[] {
  const half = Math.ceil(maxShift / 2);
  const roomAtHalf = Math.min(fixed.width, fixed.height) / 2 > 4 * (half + REACH);
  const isCoarsest = maxShift <= COARSEST_SHIFT || !roomAtHalf;
  const around = isCoarsest ? maxShift : 1;
  const starts = isCoarsest ? [{ dx: 0, dy: 0 }] : wholePixels(halve(moving), halve(fixed), half);
  const margin = maxShift + REACH - 1;
  const tried = new Map<string, Candidate>();
  for (const start of starts) {
    const [x, y] = [2 * start.dx, 2 * start.dy];
    for (let dy = Math.max(-maxShift, y - around); dy <= Math.min(maxShift, y + around); dy++) {
      for (let dx = Math.max(-maxShift, x - around); dx <= Math.min(maxShift, x + around); dx++) {
        if (tried.has(`${dx} ${dy}`)) continue;
        tried.set(`${dx} ${dy}`, { dx, dy, error: wholeError(moving, fixed, { dx, dy }, margin) });
      }
    }
  }
  const sorted = [...tried.values()].sort((a, b) => a.error - b.error);
  return apart(sorted).slice(0, CANDIDATES);
}

/** Removes neighbours of better translations. */
function apart(sorted: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const one of sorted) {
    const isNear = kept.some(({ dx, dy }) => Math.max(Math.abs(dx - one.dx), Math.abs(dy - one.dy)) <= 1);
    if (!isNear) kept.push(one);
  }
  return kept;
}

/** Squared error at a translation of whole pixels, with the best intensity scale. */
function wholeError(moving: Plane, fixed: Plane, { dx, dy }: Shift, margin: number): number {
  const { width, height } = fixed;
  let [squares, product, own] = [0, 0, 0];
  for (let y = margin; y < height - margin; y++) {
    let to = y * width + margin;
    let from = (y + dy) * width + margin + dx;
    for (const end = (y + 1) * width - margin; to < end; to++, from++) {
      const [r, e] = [fixed.samples[to] as number, moving.samples[from] as number];
      own += r * r;
      product += r * e;
      squares += e * e;
    }
  }
  return squares === 0 ? own : own - product * product / squares;
}

/** Gauss-Newton steps from a start within a pixel of the optimum; a step that does not help is halved. */
function betweenPixels(
  moving: FramedPlane,
  fixed: FramedPlane,
  start: Shift,
  most: number,
): Shift & { readonly scale: number } {
  let { dx, dy } = start;
  const within = (value: number) => Math.max(-most + 1e-6, Math.min(most - 1e-6, value));
  let sums = shiftedSums(moving, fixed, dx, dy);
  for (let i = 0; i < 10; i++) {
    const step = sums.step();
    let moved: ShiftedSums | undefined;
    for (let part = 1; part > 0.1 && Math.hypot(step.dx, step.dy) * part > 0.01; part /= 2) {
      const next = { dx: within(dx + part * step.dx), dy: within(dy + part * step.dy) };
      const tried = shiftedSums(moving, fixed, next.dx, next.dy);
      if (tried.error >= sums.error) continue;
      [moved, dx, dy] = [tried, next.dx, next.dy];
      break;
    }
    if (moved === undefined) break;
    sums = moved;
  }
  return { dx, dy, scale: sums.scale };
}

function cutBoth(
  picture: Picture,
  reference: Picture,
  found: Shift & { readonly scale: number },
  margin: number,
): Aligned {
  const [width, height] = [picture.width - 2 * margin, picture.height - 2 * margin];
  const moved = shiftSamples({ ...colours(picture), margin }, found.dx, found.dy);
  const data = new Uint8Array(moved.length);
  moved.forEach((value, i) => {
    data[i] = Math.max(0, Math.min(255, Math.round(found.scale * value)));
  });
  const region = { x: margin, y: margin, width, height };
  return { picture: { data, width, height }, reference: copyOfRegion(reference, region), ...found };
}

function colours({ data, width, height }: Picture): Plane {
  if (!(data instanceof Uint8Array)) {
    throw new OptionError("Cannot align pictures of 16 bits: only 8 bits are supported");
  }
  return { samples: data, width, height, channels: 3 };
}

function brightness({ data, width, height }: Picture): Plane {
  const samples = new Float32Array(width * height);
  for (let i = 0, j = 0; i < samples.length; i++, j += 3) {
    samples[i] = (data[j] as number) + (data[j + 1] as number) + (data[j + 2] as number);
  }
  return { samples, width, height, channels: 1 };
}

/** Means of 2 × 2 pixels. */
function halve({ samples, width, height }: Plane): Plane {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = 2 * y * width + 2 * x;
      const top = (samples[i] as number) + (samples[i + 1] as number);
      out[y * w + x] = (top + (samples[i + width] as number) + (samples[i + width + 1] as number)) / 4;
    }
  }
  return { samples: out, width: w, height: h, channels: 1 };
}
