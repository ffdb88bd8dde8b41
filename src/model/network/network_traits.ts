import type { Region } from "../../crop_picture.ts";
import { type NetworkConfig, sizeMultiple } from "./config.ts";
import { traceNetwork } from "./trace_network.ts";

/** What restoring pictures of any size needs to know of a network. */
export interface NetworkTraits {
  /** Sides of what the network is shown must be multiples of this, in pixels. */
  readonly sizeMultiple: number;
  /** The only size that the network takes, for one that takes a single one. */
  readonly fixedSize?: Pick<Region, "width" | "height">;
  /** Pixels around a part that can change what the network answers inside it. */
  readonly reach: number;
  /** Memory that restoring takes, bytes for each pixel. */
  readonly bytesPerPixel: number;
  /** Frames that the network is shown: 3 are the one before, the picture and the one after. */
  readonly frames: 1 | 3;
  /** Whether its neighbouring frames are moved onto the picture first, and their motion is an input. */
  readonly takesAligned: boolean;
  /** Whether it has a *down* branch. */
  readonly twoWay: boolean;
}

/** What runtimes take beyond the values alive at once: copies in other layouts, and pictures. Measured on ONNX Runtime. */
const RUNTIME_FACTOR = 3;

/** The traits of a network of this project. */
export function traitsOf(config: NetworkConfig): NetworkTraits {
  const { reach, bytesPerPixel } = traceNetwork(config);
  const { frames, twoWay } = config;
  return {
    sizeMultiple: sizeMultiple(config),
    reach,
    bytesPerPixel: RUNTIME_FACTOR * bytesPerPixel,
    frames,
    takesAligned: true,
    twoWay,
  };
}
