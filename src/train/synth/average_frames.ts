import type { Picture } from "../../frame.ts";
import { type Gamma, lightCurve } from "../camera/light.ts";

/** The mean of frames, like a long exposure. Frames are added one by one, so that none has to be kept. */
export class FrameAverage {
  readonly #light: Float64Array;
  readonly #sum: Float64Array;
  #count = 0;

  /** Starts without frames. @param samples RGB samples of a frame. @param light Light of each byte value, which is averaged. */
  constructor(samples: number, light: Float64Array) {
    this.#light = light;
    this.#sum = new Float64Array(samples);
  }

  /** Frames added since the start or {@linkcode clear}. */
  get count(): number {
    return this.#count;
  }

  /** Adds a frame's bytes. @throws {RangeError} if its size differs. */
  add(bytes: Picture["data"]): void {
    const sum = this.#sum;
    const light = this.#light;
    if (bytes.length !== sum.length) {
      throw new RangeError(`Cannot average frames of ${bytes.length} and ${sum.length} samples`);
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (light[bytes[i] as number] as number);
    this.#count++;
  }

  /** Each sample's mean light as the nearest byte. */
  bytes(gamma: Gamma): Uint8Array<ArrayBuffer> {
    const { roundByte } = lightCurve(gamma);
    const bytes = new Uint8Array(this.#sum.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = roundByte((this.#sum[i] as number) / this.#count);
    return bytes;
  }

  /** The same before rounding, 0 … 255, with an error below 0.05. */
  values(gamma: Gamma): Float32Array<ArrayBuffer> {
    const { byte } = lightCurve(gamma);
    const values = new Float32Array(this.#sum.length);
    for (let i = 0; i < values.length; i++) values[i] = byte((this.#sum[i] as number) / this.#count);
    return values;
  }

  /** Removes all frames. */
  clear(): void {
    this.#sum.fill(0);
    this.#count = 0;
  }
}

/**
 * The blurry picture of successive 8-bit frames. GoPro's `blur` has `gamma` "none" (the mean of the bytes), its `blur_gamma` has "2.2"
 * (the root of the mean of x^2.2).
 */
export function averageFrames(frames: readonly Picture[], gamma: Gamma): Picture {
  const first = frames[0];
  if (first === undefined) throw new RangeError("Cannot average no frames");
  const average = new FrameAverage(first.data.length, lightCurve(gamma).light);
  for (const frame of frames) average.add(frame.data);
  return { data: average.bytes(gamma), width: first.width, height: first.height };
}
