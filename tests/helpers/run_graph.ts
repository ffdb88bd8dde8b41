import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../../src/model/tfjs/tfjs_ops.ts";
import { loadGraph } from "../../src/train/graph/load_graph.ts";
import type { TensorGraph } from "../../src/train/graph/tensor_graph.ts";

/** What a graph takes and gives, by name. */
export type Rows = Readonly<Record<string, Float32Array>>;

/** A graph that can be run often. Disposing it frees it. */
export interface OpenGraph extends Disposable {
  run(inputs: Rows): Promise<Rows>;
}

/** Loads a graph into native TensorFlow. */
export async function openGraph(tf: TensorFlow, graph: TensorGraph): Promise<OpenGraph> {
  const model = await loadGraph(graph.encode());
  const shapes = new Map(Object.entries(graph.inputs).map(([name, { shape }]) => [name, shape]));
  return {
    async run(inputs) {
      const made = tf.tidy(() => {
        const tensors = Object.entries(inputs).map(([name, data]) =>
          [name, tf.tensor(data, [...shapes.get(name) ?? []])] as const
        );
        return model.predict(Object.fromEntries(tensors)) as tfjs.NamedTensorMap;
      });
      const read = Object.entries(made).map(async ([name, tensor]) =>
        [name, Float32Array.from(await tensor.data())] as const
      );
      const outputs = Object.fromEntries(await Promise.all(read));
      tf.dispose(made);
      return outputs;
    },
    [Symbol.dispose]: () => model.dispose(),
  };
}
