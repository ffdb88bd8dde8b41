import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A graph loaded in native TensorFlow; the caller disposes it. */
export type LoadedGraph = Awaited<
  ReturnType<typeof import("@tensorflow/tfjs-node-gpu").node.loadSavedModel>
>;

/**
 * Loads a graph in native TensorFlow, which reads it from a file.
 *
 * @param bytes A `saved_model.pb`, as {@linkcode TensorGraph.encode} returns it.
 */
export async function loadGraph(bytes: Uint8Array): Promise<LoadedGraph> {
  const { node } = await import("@tensorflow/tfjs-node-gpu");
  const directory = await mkdtemp(join(tmpdir(), "mtdn-step-"));
  try {
    await writeFile(join(directory, "saved_model.pb"), bytes);
    return await node.loadSavedModel(directory, ["serve"], "serving_default");
  } finally {
    await rm(directory, { recursive: true });
  }
}
