import sharp from "sharp";
import type { Picture } from "../../frame.ts";
import { FrameAverage } from "./average_frames.ts";
import type { BlurKind } from "../data/pair_files.ts";
import { type Gamma, lightCurve, saturatedLight } from "../camera/light.ts";
import { createRandom } from "../random.ts";
import { addSensorNoise, type SensorNoise } from "../camera/sensor_noise.ts";

/** How frames become one training pair. With the frames, it decides every bit of it. */
export interface ExposureRecipe {
  /** Frames averaged; odd, so that one is in the middle. */
  readonly frames: number;
  /** The blurry pictures wanted: folder, and the space in which the mean is taken. */
  readonly averages: readonly { readonly folder: BlurKind; readonly gamma: Gamma }[];
  /** How many times more light than they show the brightest pixels stand for; 1 leaves them alone. */
  readonly saturation: number;
  /** Noise added to the blurry pictures. */
  readonly noise?: SensorNoise & { readonly seed: string };
  /** JPEG quality (1 … 100) that the blurry pictures pass through. */
  readonly jpeg?: number;
  /**
   * Constant rate factor of x264 (0 … 51) that the blurry pictures of a source pass through as one clip, a pair of a photo alone
   * (see {@linkcode finishClip}).
   */
  readonly h264?: number;
}

/** One training pair: blurry pictures by folder, and the sharp one. */
export interface SynthPair {
  /** By the folder that it belongs in. */
  readonly blurry: ReadonlyMap<BlurKind, Picture>;
  /** The middle frame. */
  readonly sharp: Picture;
}

/** A long exposure being taken, frame by frame; only sums and the middle frame are kept. */
export class Exposure {
  /** What is being made. */
  readonly recipe: ExposureRecipe;
  readonly #averages: FrameAverage[];
  #sharp: Picture | undefined;
  #count = 0;

  /** An exposure with no frames yet. @throws {RangeError} if the recipe has no middle frame. */
  constructor(recipe: ExposureRecipe, { width, height }: Pick<Picture, "width" | "height">) {
    if (recipe.frames % 2 !== 1) {
      throw new RangeError(`Cannot average ${recipe.frames} frames: wanted an odd number`);
    }
    this.recipe = recipe;
    this.#averages = recipe.averages.map(({ gamma }) =>
      new FrameAverage(width * height * 3, saturatedLight(gamma, recipe.saturation))
    );
  }

  /** Whether every frame of the recipe is in. */
  get isComplete(): boolean {
    return this.#count === this.recipe.frames;
  }

  /** Adds the next frame (8 bits); the middle one is kept, so the caller must not change it. */
  add(frame: Picture): void {
    for (const average of this.#averages) average.add(frame.data);
    if (this.#count === this.recipe.frames >> 1) this.#sharp = frame;
    this.#count++;
  }

  /** The pair, once the exposure is complete; before H.264, which takes more than one. */
  async finish(): Promise<SynthPair> {
    const middle = this.#sharp;
    if (!this.isComplete || middle === undefined) {
      throw new RangeError(`Cannot end an exposure after ${this.#count} frames`);
    }
    const { averages, saturation, noise, jpeg } = this.recipe;
    const blurry = new Map<BlurKind, Picture>();
    for (const [i, { folder, gamma }] of averages.entries()) {
      const average = this.#averages[i] as FrameAverage;
      let data = average.bytes(gamma);
      if (noise !== undefined) data = noisyBytes(average.values(gamma), noise, folder);
      if (jpeg !== undefined) data = await throughJpeg({ ...middle, data }, jpeg);
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

async function throughJpeg(
  { data, width, height }: Picture,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const coded = await sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality }).toBuffer();
  return new Uint8Array(await sharp(coded).removeAlpha().raw().toBuffer());
}

/** The sharp picture as the same sensor shows it: its bright parts clip where the blurry picture's do. */
function saturated({ data, width, height }: Picture, gamma: Gamma, gain: number): Picture {
  const { roundByte } = lightCurve(gamma);
  const table = Uint8Array.from(saturatedLight(gamma, gain), roundByte);
  return { data: Uint8Array.from(data, (byte) => table[byte] as number), width, height };
}
