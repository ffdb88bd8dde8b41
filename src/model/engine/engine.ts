import type { Region } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import type { GraphFindings } from "../external/external_network.ts";
import type { StrengthGrid } from "../restore/strength.ts";

/** One row of {@linkcode DEVICES}. */
export interface DeviceInfo {
  /** What it is, in a few words for help texts and menus. */
  readonly about: string;
  /** What the machine must have. */
  readonly requires: string;
  /** The execution provider of ONNX Runtime that runs the network; absent where TensorFlow.js does. */
  readonly provider?: string;
  /** Whether it works in the machine's own memory rather than in that of a GPU. */
  readonly usesHostMemory: boolean;
  /** Whether `auto` may choose it. */
  readonly isAutomatic: boolean;
}

/** Every device a network can run on, in the order in which `auto` tries them. */
export const DEVICES = {
  cuda: {
    about: "NVIDIA GPU, by ONNX Runtime",
    requires: "Linux on x64, an NVIDIA driver, CUDA 12, cuDNN 9, and ONNX Runtime's own CUDA files, which " +
      '"deno run -A npm:onnxruntime-node/script/install.js" downloads once',
    provider: "cuda",
    usesHostMemory: false,
    isAutomatic: true,
  },
  coreml: {
    about: "Apple's Core ML, by ONNX Runtime",
    requires: "macOS",
    provider: "coreml",
    usesHostMemory: false,
    isAutomatic: true,
  },
  directml: {
    about: "DirectX 12 GPU, by ONNX Runtime",
    requires: "Windows with a DirectX 12 GPU",
    provider: "dml",
    usesHostMemory: false,
    isAutomatic: true,
  },
  webgpu: {
    about: "any GPU, by TensorFlow.js on Deno's WebGPU",
    requires: "a GPU with a driver for Vulkan, Metal or DirectX 12",
    usesHostMemory: false,
    isAutomatic: true,
  },
  cpu: {
    about: "processor, by ONNX Runtime; always available",
    requires: "a processor that onnxruntime-node has a build for",
    provider: "cpu",
    usesHostMemory: true,
    isAutomatic: true,
  },
  "webgpu-onnx": {
    about: "any GPU, by ONNX Runtime on WebGPU; also for networks of other projects",
    requires: "a GPU with a driver for Vulkan, Metal or DirectX 12",
    provider: "webgpu",
    usesHostMemory: false,
    isAutomatic: false,
  },
  tensorflow: {
    about: "native TensorFlow, after deno task setup:tensorflow",
    requires: "native TensorFlow, which deno task setup:tensorflow builds",
    usesHostMemory: true,
    isAutomatic: false,
  },
  wasm: {
    about: "processor, by TensorFlow.js on WebAssembly; slow, runs anywhere",
    requires: "nothing",
    usesHostMemory: false,
    isAutomatic: false,
  },
} as const satisfies Record<string, DeviceInfo>;

/** A name from {@linkcode DEVICES}. */
export type Device = keyof typeof DEVICES;

/** What a user can choose: a device, or `auto` for the first usable one. */
export type DeviceChoice = Device | "auto";

/** Whether `name` is a device. */
export function isDevice(name: string): name is Device {
  return Object.hasOwn(DEVICES, name);
}

/** Every device. */
export const DEVICE_NAMES: readonly Device[] = Object.keys(DEVICES).filter(isDevice);

/** The devices that `auto` tries, best first. */
export const AUTOMATIC_DEVICES: readonly Device[] = DEVICE_NAMES.filter((name) => DEVICES[name].isAutomatic);

/** Every choice with a line that says what it is, for flags, help texts and menus. */
export const DEVICE_CHOICES: ReadonlyMap<DeviceChoice, string> = new Map<DeviceChoice, string>([
  ["auto", `the first of ${AUTOMATIC_DEVICES.join(", ")} that works; never a software renderer`],
  ...DEVICE_NAMES.map((name): [Device, string] => [name, DEVICES[name].about]),
]);

/** Numbers that a network can compute with, with a line that says what they are. */
export const PRECISIONS = {
  auto: "int8 on processors that multiply bytes fast, where little is lost; else float32",
  float32: "numbers of 32 bits",
  float16:
    "numbers of 16 bits between layers, by ONNX Runtime on GPUs; refused where a trial shows a visible difference",
  int8:
    "bytes, two and a half times faster; on the processor, for weights with a calibration (deno task calibrate)",
} as const;

/** A name from {@linkcode PRECISIONS}. */
export type PrecisionChoice = keyof typeof PRECISIONS;

/** What a network computes with. */
export type Precision = Exclude<PrecisionChoice, "auto">;

/** Whether `name` is one of {@linkcode PRECISIONS}. */
export function isPrecision(name: string): name is PrecisionChoice {
  return Object.hasOwn(PRECISIONS, name);
}

/**
 * What an engine computes a picture with: the branches, and pictures of 16 bits, are always computed with `float32`.
 *
 * @param branches See {@linkcode RestoreOptions.branches}.
 */
export function precisionOf(
  { precision = "float32" }: Pick<Engine, "precision">,
  { data }: Pick<Picture, "data">,
  branches: boolean,
): Precision {
  return branches || data instanceof Uint16Array ? "float32" : precision;
}

/** The frames beside one of a video, each of its size and depth. */
export interface Neighbours {
  /** The frame before; absent where there is none, or none that shows the same scene. */
  readonly previous?: Picture;
  /** The frame after, likewise. */
  readonly next?: Picture;
}

/** How one picture is restored. */
export interface RestoreOptions {
  /** Gain of what the network changes: 0 leaves the picture as it is, 1 is the network, more is crisper. @default {1} */
  readonly detail?: number;
  /** Return the two branch pictures too (Fig. 3 of the paper). @default {false} */
  readonly branches?: boolean;
  /** How much of the change each part of the result gets; where that is none, nothing is computed. @default {all of it, everywhere} */
  readonly strength?: StrengthGrid;
  /** Bytes that it may take; larger pictures are split into overlapping tiles. @default {the engine's} */
  readonly memoryBudget?: number;
  /** Called with the share, from 0 to 1, of a picture that is split into tiles, as each of them is done. @default {nothing} */
  readonly onProgress?: (share: number) => void;
  /** What a network of three frames looks at too; others do not need it. Copied, so that they stay the caller's. @default {none} */
  readonly neighbours?: Neighbours;
  /**
   * The only part of the picture that is restored, in its pixels; the results have its size. Pixels around it are looked at too, so
   * that it hardly differs from that part of the whole picture restored. @default {all of it}
   */
  readonly region?: Region;
}

/** A restored picture, or the part of it that was asked for; `image` = `input` + detail × (`up` + `down` − `input`), clamped and rounded; then towards `input` where `strength` says so. */
export interface Restored {
  /** The result. */
  readonly image: Picture;
  /** The blurry picture handed in, whole, with its buffer handed back. */
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
  /** What the network computes with; {@linkcode precisionOf} tells for which pictures. @default {"float32"} */
  readonly precision?: Precision;
  /** Pictures worth having in flight at once. */
  readonly concurrency: number;
  /** Frames of a video that its network looks at: 3 wants {@linkcode RestoreOptions.neighbours}. @default {1} */
  readonly frames?: 1 | 3;
  /** What the user should know, one line each: which devices `auto` passed over, or tried in vain, and why. */
  readonly notes?: readonly string[];
  /** What was found out about a network of another project; absent for those of this one. */
  readonly findings?: GraphFindings;
  /**
   * Restores one picture, of any size.
   *
   * @throws {EngineError} if the device fails or the engine is disposed.
   */
  run(picture: Picture, options?: RestoreOptions): Promise<Restored>;
}
