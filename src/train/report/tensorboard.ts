import { loadTensorFlow } from "../tensorflow/tensorflow.ts";

/** Writes curves that TensorBoard shows. */
export interface TensorBoard {
  /** Adds a point to a curve. */
  scalar(name: string, value: number, step: number): void;
  /** Hands everything to the disk. */
  flush(): void;
}

/**
 * Starts an event file in `directory`. Only native TensorFlow can write them.
 *
 * @throws {EngineError} if native TensorFlow is not there.
 */
export async function openTensorBoard(directory: string): Promise<TensorBoard> {
  const tf = await loadTensorFlow("tensorflow");
  const { node } = await import("@tensorflow/tfjs-node-gpu");
  const writer = node.summaryFileWriter(directory);
  return {
    // It leaves the tensors it makes of its arguments behind.
    scalar: (name, value, step) => tf.tidy(() => writer.scalar(name, value, step)),
    flush: () => writer.flush(),
  };
}
