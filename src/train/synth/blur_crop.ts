import type { Picture } from "../../frame.ts";
import { type CameraPath, randomExposure, viewMap } from "./camera_path.ts";
import { cutLayer, cutObject } from "./cut_layer.ts";
import { drawLayer, type Layer } from "./layer.ts";
import { byteOf, type Gamma, lightCurve, saturatedLight } from "./light.ts";
import { addSensorNoise } from "./sensor_noise.ts";

/** Options of {@linkcode blurCrop}. */
export interface BlurCropOptions {
  /** Side of the crop, pixels. */
  readonly size: number;
  /** Numbers in [0, 1); they alone decide the crop. */
  readonly random: () => number;
  /** Mean length of the paths during the exposure, pixels; most are a third to twice as long, none more than 3.1 times. @default {9} */
  readonly meanDisplacement?: number;
  /** Length of the path during the exposure, pixels. @default {random, see meanDisplacement} */
  readonly displacement?: number;
  /** Share of crops with an object that moves on its own. @default {0.3} */
  readonly objectShare?: number;
  /** Share of crops whose blurry picture has sensor noise. @default {0.5} */
  readonly noiseShare?: number;
  /** Share of crops averaged in linear light (γ 2.2), the rest as plain bytes: GoPro's `blur_gamma` and `blur`. @default {0.5} */
  readonly linearShare?: number;
  /** Share of crops taken from a reduced photo (½ … 1), which is sharper than the photo itself. @default {0.5} */
  readonly reducedShare?: number;
  /** Only the sharp picture is wanted, and is given as both. The same numbers are drawn. @default {false} */
  readonly sharpOnly?: boolean;
}

/** RGB bytes of `size` × `size` pixels; `sharp` is what the camera saw in the middle of the exposure. */
export interface BlurredCrop {
  /** The exposure. */
  readonly blurry: Uint8Array<ArrayBuffer>;
  /** Its middle. */
  readonly sharp: Uint8Array<ArrayBuffer>;
}

interface Scene {
  readonly ground: Layer;
  readonly path: CameraPath;
  readonly slope: readonly [number, number];
  readonly object: {
    readonly layer: Layer;
    readonly path: CameraPath;
    readonly at: readonly [number, number];
  } | undefined;
}

const LONGEST = 28 / 9; // of the mean
const TURNING = 6; // pixels that turning and enlarging add at the corners of a crop

/**
 * One training pair from a sharp 8-bit photo by the virtual camera. The sharp picture is the middle sample, at a whole
 * position and neither turned nor enlarged: exactly the photo's pixels (or the reduced photo's).
 *
 * @throws {RangeError} If the photo is smaller than the crop.
 */
export function blurCrop(photo: Picture, options: BlurCropOptions): BlurredCrop {
  const { size, random, objectShare = 0.3, noiseShare = 0.5, linearShare = 0.5, reducedShare = 0.5 } =
    options;
  const { sharpOnly = false, meanDisplacement = 9 } = options;
  const displacement = options.displacement ?? randomDisplacement(meanDisplacement, random);
  const margin = Math.round(LONGEST * meanDisplacement / 2) + TURNING;
  const gamma: Gamma = random() < linearShare ? "2.2" : "none";
  const scale = random() < reducedShare ? 0.5 + 0.5 * random() : 1;
  const highlights = gamma === "2.2" && random() < 0.3 ? 1 + 2 * random() : 1;
  const cut = { size, margin, scale, light: saturatedLight(gamma, highlights), random };
  const hasObject = random() < objectShare;
  const turn = 0.006 * Math.min(1, displacement / 3); // a camera that hardly moves hardly turns
  const scene: Scene = {
    ground: cutLayer(photo, cut),
    path: randomExposure({ random, displacement, roll: turn, zoom: turn }),
    slope: [(random() - 0.5) / size, (random() - 0.5) / size],
    object: hasObject ? randomObject(photo, cut, displacement, meanDisplacement) : undefined,
  };
  const { mean, middle } = expose(scene, size, margin, sampleCount(displacement, random), sharpOnly);
  const { table } = lightCurve(gamma);
  for (let i = 0; i < mean.length; i++) mean[i] = byteOf(mean[i] as number, table);
  if (random() < noiseShare) addSensorNoise(mean, { read: 1.2 * random(), shot: 1.6 * random() }, random);
  const blurry = new Uint8Array(mean.length);
  const sharp = new Uint8Array(mean.length);
  for (let i = 0; i < mean.length; i++) {
    const value = (mean[i] as number) + 0.5;
    blurry[i] = value < 0 ? 0 : value > 255 ? 255 : value;
    sharp[i] = byteOf(middle[i] as number, table) + 0.5;
  }
  return { blurry: sharpOnly ? sharp : blurry, sharp };
}

function randomDisplacement(mean: number, random: () => number): number {
  return Math.min(LONGEST * mean, -mean / 2 * Math.log((1 - random()) * (1 - random())));
}

/** An odd number of 7 to 13 samples, as GoPro's recipe takes, and more where steps would pass 1.4 pixels and show as ghosts. */
function sampleCount(displacement: number, random: () => number): number {
  const wanted = 7 + 2 * Math.floor(random() * 4);
  const least = 2 * Math.ceil(displacement / 2.8) + 1;
  return Math.max(displacement < 5 ? 7 : wanted, least);
}

function randomObject(
  photo: Picture,
  cut: {
    readonly size: number;
    readonly scale: number;
    readonly light: Float64Array;
    readonly random: () => number;
  },
  displacement: number,
  meanDisplacement: number,
): NonNullable<Scene["object"]> {
  const { size, random } = cut;
  const side = Math.round(size * (0.25 + 0.5 * random()));
  const layer = cutObject(photo, { ...cut, size: side });
  const own = random() < 0.3 ? displacement * 0.2 : randomDisplacement(meanDisplacement, random);
  const path = randomExposure({ random, displacement: own });
  const at = [Math.round(random() * size), Math.round(random() * size)] as const;
  return { layer, path, at };
}

/** Mean of so many samples of the scene, and the one in the middle; the mean is none if only the middle is wanted. */
function expose(
  scene: Scene,
  size: number,
  margin: number,
  samples: number,
  middleOnly: boolean,
): { mean: Float32Array; middle: Float32Array } {
  const { ground, path, slope, object } = scene;
  const half = (size - 1) >> 1;
  const canvas = new Float32Array(size * size * 3);
  const mean = new Float32Array(canvas.length);
  let middle = canvas;
  const gain = 1 / samples;
  for (let i = 0; i < samples; i++) {
    const isMiddle = 2 * i + 1 === samples;
    if (middleOnly && !isMiddle) continue;
    const t = samples === 1 ? 0 : i / (samples - 1) - 0.5;
    drawLayer(
      canvas,
      size,
      ground,
      viewMap(path(t), { center: [half, half], target: [margin + half, margin + half], slope }),
    );
    if (object !== undefined) {
      const target = [object.layer.width >> 1, object.layer.height >> 1] as const;
      drawLayer(canvas, size, object.layer, viewMap(object.path(t), { center: object.at, target }));
    }
    for (let j = 0; j < mean.length; j++) mean[j] = (mean[j] as number) + gain * (canvas[j] as number);
    if (isMiddle) middle = canvas.slice();
  }
  return { mean, middle };
}
