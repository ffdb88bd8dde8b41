import type { Picture } from "../../frame.ts";
import { type CameraPath, randomMotion, viewMap } from "./camera_path.ts";
import { cutLayer, cutObject } from "./cut_layer.ts";
import { drawLayer, type Layer } from "./layer.ts";
import { byteOf, type Gamma, lightCurve, saturatedLight } from "./light.ts";
import { addSensorNoise, type SensorNoise } from "./sensor_noise.ts";

/** Options of {@linkcode blurCrop}. */
export interface BlurCropOptions {
  /** Side of the crop, pixels. */
  readonly size: number;
  /** Pixels added on every side; beyond the photo's edge its last pixels are repeated. @default {0} */
  readonly margin?: number;
  /** Numbers in [0, 1); they alone decide the crop. */
  readonly random: () => number;
  /** Exposures taken: the crop's alone, or those of the frames before and after too. @default {1} */
  readonly frames?: 1 | 3;
  /** Mean speed of the camera, pixels a frame; most are a third to twice as fast, none more than three times. @default {9} */
  readonly meanSpeed?: number;
  /** Speed of the camera, pixels a frame. @default {random, see meanSpeed} */
  readonly speed?: number;
  /** Share of crops with an object that moves on its own. @default {0.35} */
  readonly objectShare?: number;
  /** Share of crops whose blurry pictures have sensor noise. @default {0.3} */
  readonly noiseShare?: number;
  /** Share of crops averaged in linear light (γ 2.2), as REDS was, the rest as plain bytes, as GoPro's `blur`. @default {0.6} */
  readonly linearShare?: number;
  /** Share of crops taken from a reduced photo (½ … 1), which is sharper than the photo itself. @default {0.7} */
  readonly reducedShare?: number;
  /** Each exposure only its middle: nothing is blurred and nothing noisy. The sharp picture is the same. @default {false} */
  readonly sharpOnly?: boolean;
}

/** RGB bytes of a square, `size` + 2 · `margin` pixels a side. */
export interface BlurredCrop {
  /** What the camera saw in the middle of the exposure. */
  readonly sharp: Uint8Array<ArrayBuffer>;
  /** The exposure; of three frames all three, in their order. */
  readonly exposures: readonly Uint8Array<ArrayBuffer>[];
}

interface Scene {
  readonly size: number;
  readonly ground: Layer;
  /** What the ground shows at rest in the middle of the canvas. */
  readonly middle: number;
  readonly path: CameraPath;
  readonly slope: readonly [number, number];
  readonly object: {
    readonly layer: Layer;
    readonly path: CameraPath;
    readonly at: readonly [number, number];
  } | undefined;
}

const FASTEST = 3; // of the mean
const TURNING = 8; // pixels that turning and enlarging add at the corners of a crop

/**
 * One training crop from a sharp 8-bit photo by the virtual camera: exposures of one smooth path, 0.4 to 1 of the time from frame to
 * frame long. The sharp picture is the middle sample of the exposure at rest, at a whole position and neither turned nor
 * enlarged: exactly the photo's pixels (or the reduced photo's).
 *
 * @throws {RangeError} If the photo is smaller than the crop.
 */
export function blurCrop(photo: Picture, options: BlurCropOptions): BlurredCrop {
  const { random, frames = 1, objectShare = 0.35, noiseShare = 0.3, linearShare = 0.6 } = options;
  const { sharpOnly = false, meanSpeed = 9, reducedShare = 0.7, margin = 0 } = options;
  const size = options.size + 2 * margin;
  // What of it lies in the photo: all of it, if there is room.
  const inside = Math.max(options.size, Math.min(size, photo.width, photo.height));
  const speed = options.speed ?? randomSpeed(meanSpeed, random);
  const gamma: Gamma = random() < linearShare ? "2.2" : "none";
  const scale = random() < reducedShare ? 0.5 + 0.5 * random() : 1;
  const highlights = gamma === "2.2" && random() < 0.3 ? 1 + 2 * random() : 1;
  const shutter = random() < 0.5 ? 0.85 + 0.15 * random() : 0.4 + 0.45 * random();
  const turn = 0.006 * Math.min(1, speed / 3); // a camera that hardly moves hardly turns
  const path = randomMotion({ random, speed, roll: turn, zoom: turn });
  const reach = Math.ceil(reachOf(path, frames, shutter)) + TURNING;
  const around = reach + Math.ceil((size - inside) / 2);
  const cut = { size: inside, margin: around, scale, light: saturatedLight(gamma, highlights), random };
  const hasObject = random() < objectShare;
  const scene: Scene = {
    size,
    ground: cutLayer(photo, cut),
    middle: reach + ((size - 1) >> 1),
    path,
    slope: [(random() - 0.5) / size, (random() - 0.5) / size],
    object: hasObject ? randomObject(photo, cut, speed, meanSpeed, size) : undefined,
  };
  const samples = sampleCount(speed * shutter, random);
  const { table } = lightCurve(gamma);
  const noise = random() < noiseShare ? { read: 1.2 * random(), shot: 1.6 * random() } : undefined;
  const finish = (light: Float32Array, noise?: SensorNoise) => toBytes(light, table, random, noise);
  const exposures = Array.from({ length: frames }, (_, i) => {
    const frame = i - (frames >> 1);
    const light = sharpOnly ? instant(scene, frame) : expose(scene, frame, shutter, samples);
    return finish(light, sharpOnly ? undefined : noise);
  });
  return { sharp: finish(instant(scene, 0)), exposures };
}

function randomSpeed(mean: number, random: () => number): number {
  return Math.min(FASTEST * mean, -mean / 2 * Math.log((1 - random()) * (1 - random())));
}

/** An odd number of 7 to 13 samples, as GoPro's recipe takes, and more where steps would pass 1.4 pixels and show as ghosts. */
function sampleCount(displacement: number, random: () => number): number {
  const usual = 7 + 2 * Math.floor(random() * 4);
  const least = 2 * Math.ceil(displacement / 2.8) + 1;
  return Math.max(displacement < 5 ? 7 : usual, least);
}

/** How far the path leads from where it rests, to either side, while any of the exposures lasts; pixels. */
function reachOf(path: CameraPath, frames: number, shutter: number): number {
  const end = (frames >> 1) + shutter / 2;
  let most = 0;
  for (let i = -12; i <= 12; i++) {
    const { x, y } = path(end * i / 12);
    most = Math.max(most, Math.abs(x), Math.abs(y));
  }
  return most;
}

function randomObject(
  photo: Picture,
  cut: {
    readonly size: number;
    readonly scale: number;
    readonly light: Float64Array;
    readonly random: () => number;
  },
  speed: number,
  meanSpeed: number,
  canvas: number,
): NonNullable<Scene["object"]> {
  const { size, random } = cut;
  const side = Math.round(size * (0.25 + 0.5 * random()));
  const layer = cutObject(photo, { ...cut, size: side });
  const own = random() < 0.3 ? speed * 0.2 : randomSpeed(meanSpeed, random);
  const path = randomMotion({ random, speed: own });
  const at = [Math.round(random() * canvas), Math.round(random() * canvas)] as const;
  return { layer, path, at };
}

/** Light of the scene at one moment, in frames from the crop's own. */
function draw(
  { size, ground, middle, path, slope, object }: Scene,
  time: number,
  canvas: Float32Array,
): void {
  const half = (size - 1) >> 1;
  drawLayer(
    canvas,
    size,
    ground,
    viewMap(path(time), { center: [half, half], target: [middle, middle], slope }),
  );
  if (object === undefined) return;
  const target = [object.layer.width >> 1, object.layer.height >> 1] as const;
  drawLayer(canvas, size, object.layer, viewMap(object.path(time), { center: object.at, target }));
}

function instant(scene: Scene, time: number): Float32Array {
  const canvas = new Float32Array(scene.size * scene.size * 3);
  draw(scene, time, canvas);
  return canvas;
}

/** Mean of so many samples of the scene around `frame`. */
function expose(scene: Scene, frame: number, shutter: number, samples: number): Float32Array {
  const canvas = new Float32Array(scene.size * scene.size * 3);
  const mean = new Float32Array(canvas.length);
  const gain = 1 / samples;
  for (let i = 0; i < samples; i++) {
    draw(scene, frame + shutter * (i / (samples - 1) - 0.5), canvas);
    for (let j = 0; j < mean.length; j++) mean[j] = (mean[j] as number) + gain * (canvas[j] as number);
  }
  return mean;
}

/** @param light Overwritten. */
function toBytes(
  light: Float32Array,
  table: Float32Array | undefined,
  random: () => number,
  noise?: SensorNoise,
): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < light.length; i++) light[i] = byteOf(light[i] as number, table);
  if (noise !== undefined) addSensorNoise(light, noise, random);
  const bytes = new Uint8Array(light.length);
  for (let i = 0; i < light.length; i++) {
    const value = (light[i] as number) + 0.5;
    bytes[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
  return bytes;
}
