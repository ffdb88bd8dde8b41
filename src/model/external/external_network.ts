/** Order of the colours in the pictures that a network takes and gives. */
export const CHANNEL_ORDERS = ["rgb", "bgr"] as const;

/** An entry of {@linkcode CHANNEL_ORDERS}. */
export type ChannelOrder = (typeof CHANNEL_ORDERS)[number];

/**
 * A network of another project, as a graph: what it takes and gives is found out by running it
 * ({@linkcode openEngine} does that).
 */
export interface ExternalNetwork {
  /** What messages call it: the file, folder or package that the user named. */
  readonly path: string;
  /** An ONNX file, or a folder with the `model.json` of a TensorFlow.js graph model. */
  readonly format: "onnx" | "tensorflowjs";
  /** Where the graph lies on this machine. */
  readonly file: string;
  /** Order of the colours, which cannot be found out. */
  readonly channels: ChannelOrder;
  /** Side in pixels of the pictures that a graph is prepared for which cannot be prepared for all sizes. */
  readonly tile: number;
  /** SHA-256 of `file`, hexadecimal. */
  readonly sha256: string;
}

/** What was found out about a graph, for the user. */
export interface GraphFindings {
  /** What the user should know, one line each: what it takes and gives, and what speaks against it. */
  readonly notes: readonly string[];
  /** Seconds that a picture took at the last trial run, and what its pixels add to that. */
  readonly seconds: { readonly perRun: number; readonly perPixel: number };
}
