/** A neighbouring frame of each crop of a batch, moved onto it; see `Neighbour` of the network. */
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
  /** The frame before and the one after, for a network of three frames; else none. */
  readonly neighbours: readonly NeighbourBatch[];
}
