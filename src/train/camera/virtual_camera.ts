import type { Picture } from "../../frame.ts";
import { type CameraPath, viewMap } from "./camera_path.ts";
import { drawLayer, type Layer, prepareLayer } from "./layer.ts";
import { type Gamma, lightCurve } from "./light.ts";

/** Something in front of the ground. */
export interface VirtualObject {
  /** What it looks like, prepared, with opacity (see {@linkcode cutObject}). */
  readonly layer: Layer;
  /** Where its middle is on the canvas while it and the camera rest, pixels. */
  readonly at: readonly [number, number];
  /** Its own movement, in pixels of the canvas. */
  readonly path: CameraPath;
  /** How much of the camera's movement it shows: 1 lies on the ground, more is nearer, 0 travels with the camera. */
  readonly depth: number;
}

/** What a virtual camera looks at. */
export interface VirtualScene {
  /** The picture behind everything, prepared (see {@linkcode pictureLayer}). */
  readonly ground: Layer;
  /** From far to near. */
  readonly objects: readonly VirtualObject[];
  /** How much more the ground moves, a pixel to the right and a pixel down of the middle. @default {[0, 0]} */
  readonly slope?: readonly [number, number];
}

/** Options of {@linkcode VirtualCamera}. */
export interface VirtualCameraOptions {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Where it is over time. */
  readonly path: CameraPath;
  /** The point of the ground in the middle of the canvas while the camera rests, pixels. @default {the ground's middle} */
  readonly target?: readonly [number, number];
  /** How the layers' light was made, and how frames become bytes. @default {"2.2"} */
  readonly gamma?: Gamma;
}

/** A camera with an endlessly short exposure: a frame is what it sees at one moment, a function of time alone. */
export class VirtualCamera {
  readonly #scene: VirtualScene;
  readonly #options: VirtualCameraOptions;
  readonly #canvas: Float32Array<ArrayBuffer>;

  /** The camera holds one canvas of its size. */
  constructor(scene: VirtualScene, options: VirtualCameraOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#canvas = new Float32Array(options.width * options.height * 3);
  }

  /** The 8-bit picture at `time`, in the unit of the camera's path. The caller owns it. */
  frame(time: number): Picture {
    const { width, height, gamma = "2.2" } = this.#options;
    const canvas = this.#look(time);
    const { roundByte } = lightCurve(gamma);
    const data = new Uint8Array(canvas.length);
    for (let i = 0; i < data.length; i++) data[i] = roundByte(canvas[i] as number);
    return { data, width, height };
  }

  #look(time: number): Float32Array {
    const { ground, objects, slope = [0, 0] } = this.#scene;
    const { width, height, path, target = [ground.width >> 1, ground.height >> 1] } = this.#options;
    const camera = path(time);
    const center = [width >> 1, height >> 1] as const;
    drawLayer(this.#canvas, width, ground, viewMap(camera, { center, target, slope }));
    for (const { layer, at, path, depth } of objects) {
      const own = path(time);
      const seen = {
        x: depth * camera.x - own.x,
        y: depth * camera.y - own.y,
        roll: depth * camera.roll + own.roll,
        zoom: own.zoom * (1 + depth * (camera.zoom - 1)),
      };
      const middle = [layer.width >> 1, layer.height >> 1] as const;
      drawLayer(this.#canvas, width, layer, viewMap(seen, { center: at, target: middle }));
    }
    return this.#canvas;
  }
}

/** A whole 8-bit picture as a prepared layer. @param light Light of each byte. */
export function pictureLayer({ data, width, height }: Picture, light: Float64Array): Layer {
  return prepareLayer({
    data: Float32Array.from(data, (byte) => light[byte] as number),
    width,
    height,
    channels: 3,
  });
}
