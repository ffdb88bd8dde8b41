import type { Picture } from "../../frame.ts";
import type { ExternalNetwork, GraphFindings } from "../external/external_network.ts";
import type { NetworkConfig } from "../network/config.ts";
import type { Calibration } from "../weights/calibration.ts";
import type { PictureOptions } from "../restore/restore_picture.ts";
import type { Device, Precision, PrecisionChoice, Restored } from "./engine.ts";
import type { TensorData } from "../weights/safetensors.ts";

/** Where and how an engine's Worker runs its network. */
export interface EngineSettings {
  readonly device: Device;
  /** Threads that compute. */
  readonly threads: number;
  /** Bytes that restoring one picture may take. */
  readonly memoryBudget: number;
  /** Whether WebGPU may be a software renderer. */
  readonly allowSoftware: boolean;
}

/** A network of this project to load. */
export interface NetworkRequest {
  readonly config: NetworkConfig;
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** How it computes with bytes. */
  readonly calibration?: Calibration;
}

/** What an engine's Worker needs to load a network of this project. */
export interface OpenRequest extends EngineSettings, NetworkRequest {
  /** What to compute with; `auto` is `int8` where the processor multiplies bytes fast. @default {"auto"} */
  readonly precision?: PrecisionChoice;
  /** A network of one frame, for what has no neighbour. */
  readonly alone?: NetworkRequest;
  /** Whether the network is used only now and then: it should keep no memory in between. @default {false} */
  readonly isSpare?: boolean;
}

/** What it needs to load a network of another project. */
export interface OpenGraphRequest extends EngineSettings {
  readonly external: ExternalNetwork;
}

/** What became of it. */
export interface OpenedEngine {
  /** Frames of a video that the network looks at. */
  readonly frames: 1 | 3;
  /** What a network of this project computes with. */
  readonly precision?: Precision;
  /** Of a network of another project, what was found out about it. */
  readonly findings?: GraphFindings;
}

/** Asks for one picture, whose buffer is transferred. */
export interface RunRequest {
  readonly picture: Picture;
  readonly options: PictureOptions;
  /** Bytes that restoring it may take, if not those of {@linkcode OpenRequest}. */
  readonly memoryBudget: number | undefined;
}

/** The calls of an engine's Worker: `open` or `openGraph` once, then `run` any number of times. */
export type EngineCalls = {
  readonly open: { readonly argument: OpenRequest; readonly result: OpenedEngine };
  /** Instead of `open`. A graph that cannot restore pictures is a result, which says why not: no other device would help. */
  readonly openGraph: {
    readonly argument: OpenGraphRequest;
    readonly result: OpenedEngine | { readonly unfit: string };
  };
  readonly run: { readonly argument: RunRequest; readonly result: Restored };
};
