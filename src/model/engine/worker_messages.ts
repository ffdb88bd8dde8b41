import type { Picture } from "../../frame.ts";
import type { NetworkConfig } from "../network/config.ts";
import type { Device, Restored, RestoreOptions } from "./engine.ts";
import type { TensorData } from "../weights/safetensors.ts";

/** What an engine's Worker needs to load a network. */
export interface OpenRequest {
  readonly kind: "open";
  readonly device: Device;
  readonly config: NetworkConfig;
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** A network of one frame, for what lacks a neighbour. */
  readonly alone?: { readonly config: NetworkConfig; readonly tensors: ReadonlyMap<string, TensorData> };
  /** Threads that compute. */
  readonly threads: number;
  /** Bytes that restoring one picture may take. */
  readonly memoryBudget: number;
  /** Whether a processor that plays a GPU will do. */
  readonly allowSoftware: boolean;
  /** Whether the network is used only now and then: it should keep no memory in between. @default {false} */
  readonly isSpare?: boolean;
}

/** Asks for one picture; its buffer comes along. */
export interface RunRequest {
  readonly kind: "run";
  readonly picture: Picture;
  readonly options: Required<RestoreOptions>;
}

/** What is said to an engine's Worker: `open` once, then `run` as often as wanted. */
export type EngineRequest = OpenRequest | RunRequest;

/** The Worker's answers, one for each request, in their order. `why` is the end of an {@linkcode EngineError}'s message. */
export type EngineReply =
  | { readonly kind: "opened" }
  | { readonly kind: "restored"; readonly restored: Restored }
  | { readonly kind: "failed"; readonly why: string };
