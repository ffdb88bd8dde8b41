import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A graph that native TensorFlow has loaded; whoever loaded it disposes it. */
export type LoadedGraph = Awaited<
  ReturnType<typeof import("@tensorflow/tfjs-node-gpu").node.loadSavedModel>
>;

/**
 * Has native TensorFlow load a graph, which takes the way over a file.
 *
 * @param bytes Of a `saved_model.pb`, as {@linkcode TensorGraph.encode} gives them.
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
