import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";
import type { Batch } from "../batch/batch.ts";
import { batchTensors } from "../step/batch_tensors.ts";
import type { Learner, StepResult, StepSettings, TrainingState } from "../step/learner.ts";
import type { Precision } from "./graph_ops.ts";
import { type LoadedGraph, loadGraph } from "./load_graph.ts";
import { type StepConfig, stepGraph } from "./step_graph.ts";

/** Computes each training step by one call of a TensorFlow graph. Needs native TensorFlow. */
export class GraphLearner implements Learner {
  readonly #tf: TensorFlow;
  readonly #config: StepConfig;
  readonly #model: LoadedGraph;

  private constructor(tf: TensorFlow, config: StepConfig, model: LoadedGraph) {
    this.#tf = tf;
    this.#config = config;
    this.#model = model;
  }

  /** Makes the graph and loads it in TensorFlow. @param parts See {@linkcode stepGraph}. */
  static async open(
    tf: TensorFlow,
    config: StepConfig,
    precision: Precision,
    parts = 1,
  ): Promise<GraphLearner> {
    return new GraphLearner(tf, config, await loadGraph(stepGraph(config, precision, parts)));
  }

  async step(
    state: TrainingState,
    batch: Batch,
    { stepSize, decay }: StepSettings,
  ): Promise<StepResult & { readonly state: TrainingState }> {
    const tf = this.#tf;
    const made: tfjs.NamedTensorMap = tf.tidy(() => {
      const { blurry, sharp, neighbours } = batchTensors(tf, this.#config, batch);
      const named = neighbours.map(({ moved, flow }, i) => {
        const name = i === 0 ? "previous" : "next";
        return { [name]: moved, [`${name}Flow`]: flow };
      });
      const inputs: tfjs.NamedTensorMap = Object.assign(
        { ...state, blurry, sharp },
        { stepSize: tf.scalar(stepSize), decay: tf.scalar(decay) },
        ...named,
      );
      return this.#model.predict(inputs) as tfjs.NamedTensorMap;
    });
    const take = (name: string): tfjs.Tensor => {
      const tensor = made[name];
      if (tensor === undefined) throw new TypeError(`The graph of a training step has no output "${name}"`);
      return tensor;
    };
    const figures = { loss: take("loss"), lossOfNothing: take("lossOfNothing"), change: take("change") };
    const number = async (tensor: tfjs.Tensor) => (await tensor.data())[0] ?? NaN;
    try {
      return {
        loss: await number(figures.loss),
        lossOfNothing: await number(figures.lossOfNothing),
        change: await number(figures.change),
        state: { weights: take("weights"), average: take("average"), m: take("m"), v: take("v") },
      };
    } finally {
      tf.dispose(figures);
    }
  }

  [Symbol.dispose](): void {
    this.#model.dispose();
  }
}
