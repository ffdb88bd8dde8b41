import type { Picture } from "../../frame.ts";
import type { NetworkConfig } from "../network/config.ts";
import type { PictureOptions } from "../restore/restore_picture.ts";
import type { Device, Restored } from "./engine.ts";
import type { TensorData } from "../weights/safetensors.ts";

/** What an engine's Worker needs to load a network. */
export interface OpenRequest {
  readonly device: Device;
  readonly config: NetworkConfig;
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** A network of one frame, for what lacks a neighbour. */
  readonly alone?: { readonly config: NetworkConfig; readonly tensors: ReadonlyMap<string, TensorData> };
  /** Threads that compute. */
  readonly threads: number;
  /** Bytes that restoring one picture may take. */
  readonly memoryBudget: number;
  /** Whether `webgpu` may be a software renderer. */
  readonly allowSoftware: boolean;
  /** Whether the network is used only now and then: it should keep no memory in between. @default {false} */
  readonly isSpare?: boolean;
}

/** Asks for one picture, whose buffer is transferred. */
export interface RunRequest {
  readonly picture: Picture;
  readonly options: PictureOptions;
  /** Bytes that restoring it may take, if not those of {@linkcode OpenRequest}. */
  readonly memoryBudget: number | undefined;
}

/** The calls of an engine's Worker: `open` once, then `run` any number of times. */
export type EngineCalls = {
  readonly open: { readonly argument: OpenRequest; readonly result: void };
  readonly run: { readonly argument: RunRequest; readonly result: Restored };
};
