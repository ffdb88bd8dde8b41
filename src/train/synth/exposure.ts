import sharp from "sharp";
import type { Picture } from "../../frame.ts";
import { FrameAverage } from "./average_frames.ts";
import type { BlurKind } from "../data/pair_files.ts";
import { type Gamma, lightCurve, saturatedLight } from "../camera/light.ts";
import { createRandom } from "../random.ts";
import { addSensorNoise, type SensorNoise } from "../camera/sensor_noise.ts";

/** How frames become one training pair. Frames and recipe decide every bit of the pair. */
export interface ExposureRecipe {
  /** Number of frames to average; odd, so that there is a middle frame. */
  readonly frames: number;
  /** The blurry pictures to make: folder, and curve of the space in which the mean is taken. */
  readonly averages: readonly { readonly folder: BlurKind; readonly gamma: Gamma }[];
  /** How much brighter the brightest pixels are than the sensor could record; 1 for no saturation. */
  readonly saturation: number;
  /** Noise that is added to the blurry pictures. */
  readonly noise?: SensorNoise & { readonly seed: string };
  /** Quality (1 … 100) of the JPEGs that the blurry pictures are compressed as. */
  readonly jpeg?: number;
  /**
   * Constant rate factor of x264 (0 … 51): the blurry pictures of a source are compressed as one clip, that of a photo alone
   * (see {@linkcode finishClip}).
   */
  readonly h264?: number;
}

/** One training pair: blurry pictures by folder, and the sharp one. */
export interface SynthPair {
  /** The blurry pictures, by their folders. */
  readonly blurry: ReadonlyMap<BlurKind, Picture>;
  /** The middle frame. */
  readonly sharp: Picture;
}

/** A long exposure that is made frame by frame; only sums and the middle frame are kept. */
export class Exposure {
  /** How the pair is made. */
  readonly recipe: ExposureRecipe;
  readonly #averages: FrameAverage[];
  #sharp: Picture | undefined;
  #count = 0;

  /** Starts without frames. @throws {RangeError} if the recipe has no middle frame. */
  constructor(recipe: ExposureRecipe, { width, height }: Pick<Picture, "width" | "height">) {
    if (recipe.frames % 2 !== 1) {
      throw new RangeError(`Cannot average ${recipe.frames} frames: an even number has no middle frame`);
    }
    this.recipe = recipe;
    this.#averages = recipe.averages.map(({ gamma }) =>
      new FrameAverage(width * height * 3, saturatedLight(gamma, recipe.saturation))
    );
  }

  /** Whether all frames of the recipe were added. */
  get isComplete(): boolean {
    return this.#count === this.recipe.frames;
  }

  /** Adds the next frame (8 bits). The middle one is kept, so the caller must not change it. */
  add(frame: Picture): void {
    for (const average of this.#averages) average.add(frame.data);
    if (this.#count === this.recipe.frames >> 1) this.#sharp = frame;
    this.#count++;
  }

  /** The pair of a complete exposure, before H.264 compression, which needs more than one. */
  async finish(): Promise<SynthPair> {
    const middle = this.#sharp;
    if (!this.isComplete || middle === undefined) {
      throw new RangeError(`Cannot finish an exposure after ${this.#count} of ${this.recipe.frames} frames`);
    }
    const { averages, saturation, noise, jpeg } = this.recipe;
    const blurry = new Map<BlurKind, Picture>();
    for (const [i, { folder, gamma }] of averages.entries()) {
      const average = this.#averages[i] as FrameAverage;
      let data = average.bytes(gamma);
      if (noise !== undefined) data = noisyBytes(average.values(gamma), noise, folder);
      if (jpeg !== undefined) data = await compressAsJpeg({ ...middle, data }, jpeg);
      blurry.set(folder, { data, width: middle.width, height: middle.height });
    }
    return {
      blurry,
      sharp: saturation === 1 ? middle : saturated(middle, averages[0]?.gamma ?? "none", saturation),
    };
  }
}

function noisyBytes(values: Float32Array, noise: SensorNoise & { readonly seed: string }, folder: BlurKind) {
  addSensorNoise(values, noise, createRandom(noise.seed, folder));
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.min(255, Math.max(0, (values[i] as number) + 0.5));
  return bytes;
}

async function compressAsJpeg(
  { data, width, height }: Picture,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const coded = await sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality }).toBuffer();
  return new Uint8Array(await sharp(coded).removeAlpha().raw().toBuffer());
}

/** The sharp picture of the same sensor: its bright parts clip where those of the blurry picture do. */
function saturated({ data, width, height }: Picture, gamma: Gamma, gain: number): Picture {
  const { roundByte } = lightCurve(gamma);
  const table = Uint8Array.from(saturatedLight(gamma, gain), roundByte);
  return { data: Uint8Array.from(data, (byte) => table[byte] as number), width, height };
}
