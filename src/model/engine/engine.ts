import type { Picture } from "../../frame.ts";
import type { StrengthGrid } from "../restore/strength.ts";

/**
 * Every device a network can run on, what runs it there, and when to choose it. `auto` takes the first usable
 * of `cuda`, `coreml`, `directml`, `webgpu` (hardware adapters only) and `cpu`.
 */
export const DEVICES = {
  cpu: "ONNX Runtime on the processor; always there",
  cuda: "ONNX Runtime on an NVIDIA GPU",
  coreml: "ONNX Runtime on Apple's Core ML",
  directml: "ONNX Runtime on DirectX 12 (Windows)",
  webgpu: "TensorFlow.js on Deno's own WebGPU: any GPU",
  tensorflow: "TensorFlow.js on native TensorFlow (deno task setup:tensorflow)",
  wasm: "TensorFlow.js on WebAssembly; slow, runs anywhere",
} as const;

/** A name from {@linkcode DEVICES}. */
export type Device = keyof typeof DEVICES;

/** The frames beside one of a video, each of its size and depth. */
export interface Neighbours {
  /** The frame before; absent where there is none, or none that shows the same scene. */
  readonly previous?: Picture;
  /** The frame after, likewise. */
  readonly next?: Picture;
}

/** What a viewer may ask of one picture. */
export interface RestoreOptions {
  /** Gain of the *down* branch before it is added to *up*: 0 leaves *up* alone, 1 is the network, more is crisper. @default {1} */
  readonly detail?: number;
  /** Return the two branch pictures too (Fig. 3 of the paper). @default {false} */
  readonly branches?: boolean;
  /** How much of the change each part of the result gets; where that is none, nothing is computed. @default {all of it, everywhere} */
  readonly strength?: StrengthGrid;
  /** What a network of three frames looks at too; others do not need it. Copied, so that they stay the caller's. @default {none} */
  readonly neighbours?: Neighbours;
}

/** A restored picture; `image` = `up` + detail × `down`, clamped and rounded; then towards `input` where `strength` says so. */
export interface Restored {
  /** The result. */
  readonly image: Picture;
  /** The blurry picture handed in, with its buffer handed back. */
  readonly input: Picture;
  /** The *up* branch, clamped to the picture's range. */
  readonly up?: Picture;
  /** The *down* branch, signed, shown around mid-grey: 0.5 + down. */
  readonly down?: Picture;
  /** How many of the picture's neighbours were looked at; absent where none was. */
  readonly neighbours?: number;
}

/**
 * Restores pictures of any size on one device. `run` may be called again before it has resolved, up to
 * `concurrency` times; results resolve in the order of the calls. A picture handed to `run` is transferred:
 * its buffer is detached until it comes back as {@linkcode Restored.input}. Disposing it ends its Worker at
 * once and rejects what is still running.
 */
export interface Engine extends AsyncDisposable {
  /** Where it runs. */
  readonly device: Device;
  /** Pictures worth having in flight at once. */
  readonly concurrency: number;
  /** Frames of a video that its network looks at: 3 wants {@linkcode RestoreOptions.neighbours}. @default {1} */
  readonly frames?: 1 | 3;
  /**
   * Restores one picture, of any size.
   *
   * @throws {EngineError} if the device fails or the engine is disposed.
   */
  run(picture: Picture, options?: RestoreOptions): Promise<Restored>;
}
