import { copyOfRegion } from "../../../src/crop_picture.ts";
import type { Frame, FrameSource, MediaInfo, Picture } from "../../../src/frame.ts";
import { DamagedMediaError } from "../../../src/errors.ts";
import type { Engine, Restored, RestoreOptions } from "../../../src/model/engine/engine.ts";

/** What a made-up clip looks like. */
export interface FakeClip {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly frameRate: number;
  readonly rotation?: number;
  readonly kind?: MediaInfo["kind"];
  readonly pixelAspect?: number;
  /** When each frame is shown, in frames of `frameRate`. @default {one after the other} */
  readonly times?: readonly number[];
  /** What is missing of it, which is found out at its end. */
  readonly damage?: string;
  /** Fails while reading this frame. */
  readonly breaksAt?: number;
  /** Called for every frame decoded. */
  readonly onDecode?: (index: number) => void;
}

/** The clip's frame before it was blurred: slanted waves that move. */
export function sharpFrame({ width, height }: FakeClip, index: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = 127 + 75 * Math.sin((x + 2 * y + 3 * index) * Math.PI / 12);
      const at = (y * width + x) * 3;
      data[at] = wave;
      data[at + 1] = (wave + x * 255 / width) / 2;
      data[at + 2] = (wave + y * 255 / height) / 2;
    }
  }
  return data;
}

/** Averages each row over `2 * radius + 1` pixels: a camera that moved sideways. */
export function blurRows(data: Uint8Array, width: number, radius = 4): Uint8Array<ArrayBuffer> {
  const blurred = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const column = Math.floor(at / 3) % width;
    let sum = 0;
    for (let by = -radius; by <= radius; by++) {
      const to = Math.min(width - 1, Math.max(0, column + by));
      sum += data[at + (to - column) * 3] ?? 0;
    }
    blurred[at] = Math.round(sum / (2 * radius + 1));
  }
  return blurred;
}

/** Where a source begins and how much it gives, in seconds. */
export interface FakeRange {
  readonly start?: number;
  readonly duration?: number;
}

/** When each frame of a clip is shown, in seconds. */
export function timesOf({ frames, frameRate, times }: FakeClip): Float64Array {
  return Float64Array.from({ length: frames }, (_, i) => (times?.[i] ?? i) / frameRate);
}

/** A source of blurred frames, as a decoder would give them. */
export function fakeSource(
  clip: FakeClip,
  { start = 0, duration = Infinity }: FakeRange = {},
): FrameSource & { readonly isDisposed: boolean } {
  const times = timesOf(clip);
  let index = times.findIndex((time) => time >= start - 1e-6);
  if (index < 0) index = clip.frames;
  let isDisposed = false;
  const info: MediaInfo = {
    path: "fake",
    kind: clip.kind ?? "video",
    width: clip.width,
    height: clip.height,
    timeBase: { num: 1, den: clip.frameRate },
    frameRate: clip.frameRate,
    frames: clip.frames,
    // As openMedia tells it: what is left from `start` on.
    seconds: (times.at(-1) ?? 0) + 1 / clip.frameRate - start,
    rotation: clip.rotation ?? 0,
    ...(clip.pixelAspect !== undefined && { pixelAspect: clip.pixelAspect }),
    streams: [],
  };
  const frames = new ReadableStream<Frame>({
    pull(controller) {
      if (index === clip.breaksAt) throw new Error("fake: the file is damaged here");
      if ((times[index] ?? Infinity) >= start + duration - 1e-6) {
        if (clip.damage !== undefined && index >= clip.frames) {
          return controller.error(new DamagedMediaError("fake", clip.damage));
        }
        return controller.close();
      }
      clip.onDecode?.(index);
      const data = blurRows(sharpFrame(clip, index), clip.width);
      controller.enqueue({
        data,
        width: clip.width,
        height: clip.height,
        pts: BigInt(clip.times?.[index] ?? index),
        duration: 1n,
      });
      index++;
    },
  }, { highWaterMark: 0 });
  return {
    info,
    frames,
    get isDisposed() {
      return isDisposed;
    },
    [Symbol.asyncDispose]: () => {
      isDisposed = true;
      return Promise.resolve();
    },
  };
}

/** Sharpens rows instead of running a network: *up* is the picture, *down* is what a blur takes from it. */
export class FakeEngine implements Engine {
  readonly device = "cpu";
  readonly concurrency = 1;
  /** Sizes of the pictures that were restored. */
  readonly sizes: string[] = [];
  isDisposed = false;
  readonly #delayMs: number;

  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  async run(picture: Picture, options: RestoreOptions = {}): Promise<Restored> {
    const { detail = 1, branches = false, region } = options;
    const { width, height } = picture;
    const data = picture.data;
    if (!(data instanceof Uint8Array)) throw new TypeError("The fake engine takes 8 bits");
    const asked = region ?? { x: 0, y: 0, width, height };
    this.sizes.push(`${asked.width}x${asked.height}`);
    const input = { data: structuredClone(data, { transfer: [data.buffer] }), width, height };
    if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    const soft = blurRows(input.data, width);
    const paint = (sample: (value: number, down: number) => number) => {
      const painted = new Uint8Array(soft.length);
      for (let at = 0; at < soft.length; at++) {
        const value = input.data[at] ?? 0;
        painted[at] = Math.min(255, Math.max(0, sample(value, value - (soft[at] ?? 0))));
      }
      return copyOfRegion({ width, height, data: painted }, asked);
    };
    return {
      input,
      image: paint((value, down) => value + detail * down),
      ...(branches ? { up: paint((value) => value), down: paint((_, down) => 128 + down) } : {}),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}
