/** A graph that cannot be used to restore pictures: which of its inputs or outputs does not fit, and why. */
export class UnfitGraphError extends Error {
  /** "UnfitGraphError". */
  override readonly name = "UnfitGraphError";
}
