import type { Picture } from "../../frame.ts";
import { type CameraPath, viewMap } from "./camera_path.ts";
import { drawLayer, type Layer, prepareLayer } from "./layer.ts";
import { type Gamma, lightCurve } from "./light.ts";

/** An object in front of the background. */
export interface VirtualObject {
  /** Its picture, prepared, with opacity (see {@linkcode cutObject}). */
  readonly layer: Layer;
  /** Position of its middle on the canvas while it and the camera are at rest, pixels. */
  readonly at: readonly [number, number];
  /** Its own motion, in pixels of the canvas. */
  readonly path: CameraPath;
  /** How much of the camera's motion it shows: 1 like the background, more if nearer, 0 if it moves with the camera. */
  readonly depth: number;
}

/** The scene in front of a virtual camera. */
export interface VirtualScene {
  /** The background, prepared (see {@linkcode pictureLayer}). */
  readonly background: Layer;
  /** From far to near. */
  readonly objects: readonly VirtualObject[];
  /** Parallax of the background, per pixel to the right and per pixel down. @default {[0, 0]} */
  readonly slope?: readonly [number, number];
}

/** Options of {@linkcode VirtualCamera}. */
export interface VirtualCameraOptions {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Its motion. */
  readonly path: CameraPath;
  /** Point of the background in the middle of the canvas while the camera is at rest, pixels. @default {the background's middle} */
  readonly target?: readonly [number, number];
  /** Curve of the layers' light and of the frames' bytes. @default {"2.2"} */
  readonly gamma?: Gamma;
}

/** A camera with an infinitely short exposure: a frame depends only on its time. */
export class VirtualCamera {
  readonly #scene: VirtualScene;
  readonly #options: VirtualCameraOptions;
  readonly #canvas: Float32Array<ArrayBuffer>;

  /** Allocates one canvas of the camera's size. */
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
    const { background, objects, slope = [0, 0] } = this.#scene;
    const { width, height, path, target = [background.width >> 1, background.height >> 1] } = this.#options;
    const camera = path(time);
    const center = [width >> 1, height >> 1] as const;
    drawLayer(this.#canvas, width, background, viewMap(camera, { center, target, slope }));
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
