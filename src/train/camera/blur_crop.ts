import type { Picture } from "../../frame.ts";
import { KernelMemory } from "../../motion/kernel_memory.ts";
import { approach } from "../../motion/kernels.wasm";
import { type CameraPath, randomMotion, viewMap } from "./camera_path.ts";
import { cutLayer, cutObject } from "./cut_layer.ts";
import { type Affine, drawLayer, drawPlaced, type Layer } from "./layer.ts";
import { byteOf, type Gamma, lightCurve, saturatedLight } from "./light.ts";
import { addSensorNoise, type SensorNoise } from "./sensor_noise.ts";

/** Options of {@linkcode blurCrop}. */
export interface BlurCropOptions {
  /** Side of the crop, pixels. */
  readonly size: number;
  /** Pixels added on every side; outside the photo its edge is repeated. @default {0} */
  readonly margin?: number;
  /** Random numbers in [0, 1), which decide the crop. */
  readonly random: () => number;
  /** Number of exposures: only the crop's own, or those of the previous and the next frame too. @default {1} */
  readonly frames?: 1 | 3;
  /** Mean speed of the camera, pixels per frame; most speeds are between a third and twice of it, all below three times. @default {9} */
  readonly meanSpeed?: number;
  /** Speed of the camera, pixels per frame. @default {random, see meanSpeed} */
  readonly speed?: number;
  /** Share of crops with a moving object. @default {0.35} */
  readonly objectShare?: number;
  /** Share of crops whose blurry pictures have sensor noise. @default {0.3} */
  readonly noiseShare?: number;
  /** Largest standard deviation of that noise, in grey levels. @default {1.2} */
  readonly mostNoise?: number;
  /** Share of crops averaged in linear light (γ 2.2) like REDS, instead of as plain bytes like GoPro's `blur`. @default {0.6} */
  readonly linearShare?: number;
  /** Share of crops from a downscaled photo (½ … 1), which is sharper than the photo itself. @default {0.7} */
  readonly reducedShare?: number;
  /** Make each exposure only its middle instant, without blur and noise. The sharp picture is the same. @default {false} */
  readonly sharpOnly?: boolean;
}

/** Squares of RGB bytes, `size` + 2 · `margin` pixels wide. */
export interface BlurredCrop {
  /** The middle instant of the exposure. */
  readonly sharp: Uint8Array<ArrayBuffer>;
  /** The exposure; with three frames all three, in order. */
  readonly exposures: readonly Uint8Array<ArrayBuffer>[];
}

interface Scene {
  readonly size: number;
  readonly background: Layer;
  /** Coordinate of the background, in both directions, that is in the middle of the canvas at rest. */
  readonly middle: number;
  readonly path: CameraPath;
  readonly slope: readonly [number, number];
  readonly object: {
    readonly layer: Layer;
    readonly path: CameraPath;
    readonly at: readonly [number, number];
  } | undefined;
}

const FASTEST = 3; // times the mean
const TURNING = 8; // pixels that rotation and zoom need beyond the corners of a crop

/**
 * One training crop of a sharp 8-bit photo by the virtual camera: exposures along one smooth path, each 0.4 to 1 of a frame interval
 * long. The sharp picture is the middle sample of the exposure, where the camera is at rest: exactly the pixels of the photo (or
 * of the downscaled photo).
 *
 * @throws {RangeError} if the photo is smaller than the crop.
 */
export function blurCrop(photo: Picture, options: BlurCropOptions): BlurredCrop {
  const { random, frames = 1, objectShare = 0.35, noiseShare = 0.3, linearShare = 0.6 } = options;
  const { sharpOnly = false, meanSpeed = 9, reducedShare = 0.7, margin = 0, mostNoise = 1.2 } = options;
  const size = options.size + 2 * margin;
  // The part inside the photo: all of it, if the photo is large enough.
  const inside = Math.max(options.size, Math.min(size, photo.width, photo.height));
  const speed = options.speed ?? randomSpeed(meanSpeed, random);
  const gamma: Gamma = random() < linearShare ? "2.2" : "none";
  const scale = random() < reducedShare ? 0.5 + 0.5 * random() : 1;
  const highlights = gamma === "2.2" && random() < 0.3 ? 1 + 2 * random() : 1;
  const shutter = random() < 0.5 ? 0.85 + 0.15 * random() : 0.4 + 0.45 * random();
  const turn = 0.006 * Math.min(1, speed / 3); // a camera that moves little rotates little
  const path = randomMotion({ random, speed, roll: turn, zoom: turn });
  const reach = Math.ceil(reachOf(path, frames, shutter)) + TURNING;
  const around = reach + Math.ceil((size - inside) / 2);
  const cut = { size: inside, margin: around, scale, light: saturatedLight(gamma, highlights), random };
  const hasObject = random() < objectShare;
  const scene: Scene = {
    size,
    background: cutLayer(photo, cut),
    middle: reach + ((size - 1) >> 1),
    path,
    slope: [(random() - 0.5) / size, (random() - 0.5) / size],
    object: hasObject ? randomObject(photo, cut, speed, meanSpeed, size) : undefined,
  };
  const samples = sampleCount(speed * shutter, random);
  const { table } = lightCurve(gamma);
  const noise = random() < noiseShare
    ? { read: mostNoise * random(), shot: 1.6 * (mostNoise / 1.2) * random() }
    : undefined;
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

/** An odd number of samples: 7 to 13 like GoPro's recipe, more where steps above 1.4 pixels would show as ghosts. */
function sampleCount(displacement: number, random: () => number): number {
  const usual = 7 + 2 * Math.floor(random() * 4);
  const least = 2 * Math.ceil(displacement / 2.8) + 1;
  return Math.max(displacement < 5 ? 7 : usual, least);
}

/** Largest distance from the resting position during the exposures, in pixels. */
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

/** Where the background is seen, `time` frames from the crop's own. */
function backgroundMap({ size, middle, path, slope }: Scene, time: number): Affine {
  const half = (size - 1) >> 1;
  return viewMap(path(time), { center: [half, half], target: [middle, middle], slope });
}

function drawMovingObject({ size, object }: Scene, time: number, canvas: Float32Array): void {
  if (object === undefined) return;
  const target = [object.layer.width >> 1, object.layer.height >> 1] as const;
  drawLayer(canvas, size, object.layer, viewMap(object.path(time), { center: object.at, target }));
}

/** The light of the scene at one instant. */
function instant(scene: Scene, time: number): Float32Array {
  const canvas = new Float32Array(scene.size * scene.size * 3);
  drawLayer(canvas, scene.size, scene.background, backgroundMap(scene, time));
  drawMovingObject(scene, time, canvas);
  return canvas;
}

/** Mean of the scene at `samples` instants around `frame`. */
function expose(scene: Scene, frame: number, shutter: number, samples: number): Float32Array {
  const { size, background } = scene;
  const count = 3 * size * size;
  const memory = new KernelMemory();
  const mean = memory.copy(new Float32Array(count));
  const placed = { layer: memory.copy(background.data), canvas: memory.room(4 * count) };
  const canvas = memory.floats(placed.canvas, count);
  for (let i = 0; i < samples; i++) {
    const time = frame + shutter * (i / (samples - 1) - 0.5);
    drawPlaced(placed, background, backgroundMap(scene, time), { width: size, height: size });
    drawMovingObject(scene, time, canvas);
    approach(mean, placed.canvas, count, 1 / (i + 1)); // so that the mean of equal pictures is exactly that picture
  }
  return new Float32Array(memory.read(mean, 4 * count));
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
