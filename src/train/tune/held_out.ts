import type { Picture } from "../../frame.ts";
import type { Engine, Neighbours } from "../../model/engine/engine.ts";
import { blurCrop } from "../camera/blur_crop.ts";
import { readPicture } from "../data/picture_file.ts";
import { psnr } from "../evaluate/metrics.ts";
import { createRandom } from "../random.ts";

/** Side of the pictures, pixels, of clips that are large enough. */
const SIDE = 320;
/** Blurred pictures of each sharp moment. */
const EACH = 2;
/** Above this PSNR, in dB, no difference is visible: higher values for a sharp picture count the same. */
const AS_SHARP = 40;

/** A picture that loses more than this, in dB, makes tuned weights unusable. */
const MOST_LOSS = 0.1;

/** How the moments are blurred: like training samples, see {@linkcode BlurCropOptions}. */
export interface HeldOutCamera {
  /** Pixels per frame. */
  readonly meanSpeed: number;
  /** Grey levels. */
  readonly mostNoise: number;
}

/** A part of a sharp moment, blurred or as it is, between the frames before and after. */
interface Item {
  readonly blurry: Picture;
  readonly sharp: Picture;
  readonly neighbours: Required<Neighbours>;
}

/** Sharp moments of a clip that are not trained on, to measure a network on. */
export class HeldOut {
  readonly #items: readonly Item[];

  private constructor(items: readonly Item[]) {
    this.#items = items;
  }

  /** Blurs each moment by the virtual camera, the same way every time; a part of each is also given sharp. */
  static async open(moments: readonly string[], camera: HeldOutCamera): Promise<HeldOut> {
    const items: Item[] = [];
    for (const [i, path] of moments.entries()) {
      const moment = await readPicture(path);
      const size = Math.min(SIDE, moment.width, moment.height);
      for (let j = 0; j <= EACH; j++) {
        const random = createRandom("held out", i, j);
        const { sharp, exposures } = blurCrop(moment, {
          ...camera,
          ...{ size, random, frames: 3, noiseShare: 1, reducedShare: 0, sharpOnly: j === EACH },
        });
        const picture = (data: Uint8Array<ArrayBuffer>) => ({ data, width: size, height: size });
        const [previous, blurry, next] = exposures.map(picture) as [Picture, Picture, Picture];
        items.push({ blurry, sharp: picture(sharp), neighbours: { previous, next } });
      }
    }
    return new HeldOut(items);
  }

  /** How many pictures are measured. */
  get length(): number {
    return this.#items.length;
  }

  /** Gain in dB of each picture; of one given sharp, how far it falls below {@linkcode AS_SHARP}. The caller disposes the engine. */
  async measure(engine: Engine, signal?: AbortSignal): Promise<number[]> {
    const gains: number[] = [];
    for (const { blurry, sharp, neighbours } of this.#items) {
      signal?.throwIfAborted();
      const given = { ...blurry, data: blurry.data.slice() }; // its buffer becomes the engine's
      const { image } = await engine.run(given, { neighbours });
      gains.push(Math.min(AS_SHARP, psnr(image, sharp)) - Math.min(AS_SHARP, psnr(blurry, sharp)));
    }
    return gains;
  }
}

/**
 * Why tuned weights are not better than those before, in one sentence; `undefined` if they are.
 *
 * @param before Gains from {@linkcode HeldOut.measure}, in dB. @param after The same with the tuned weights.
 */
export function whyNotBetter(before: readonly number[], after: readonly number[]): string | undefined {
  const gained = after.map((gain, i) => gain - (before[i] ?? NaN));
  const mean = gained.reduce((sum, gain) => sum + gain, 0) / gained.length;
  const worst = Math.min(...gained);
  if (!(mean > 0)) return `the tuned weights gain ${(-mean).toFixed(2)} dB less on the moments held out`;
  return worst < -MOST_LOSS
    ? `with the tuned weights one of the pictures held out loses ${(-worst).toFixed(2)} dB`
    : undefined;
}
