/** A neighbouring frame of each crop of a batch, aligned to it; see `Neighbour` of the network. */
export interface NeighbourBatch {
  /** `[batch, crop, crop, 3]`, values 0 … 1. */
  readonly moved: Float32Array<ArrayBuffer>;
  /** `[batch, crop / 16, crop / 16, 2]`, pixels. */
  readonly flow: Float32Array<ArrayBuffer>;
}

/** One training step's input and target: `[batch, crop, crop, 3]`, values 0 … 1. */
export interface Batch {
  /** Input. */
  readonly blurry: Float32Array<ArrayBuffer>;
  /** Target. */
  readonly sharp: Float32Array<ArrayBuffer>;
  /** The previous and the next frame, for a network of three frames; else empty. */
  readonly neighbours: readonly NeighbourBatch[];
}
