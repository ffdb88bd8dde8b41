import assert from "node:assert/strict";
import { FLOW_CELL, type Preset } from "../../../src/model/network/config.ts";
import { describeNetwork } from "../../../src/model/network/count_ops.ts";
import { mtdn } from "../../../src/model/network/network.ts";
import type { TensorFlow } from "../../../src/model/tfjs/tfjs_ops.ts";
import { type TrainConfig, trainConfig } from "../../../src/train/config.ts";
import { LOSSES } from "../../../src/train/settings.ts";
import { GraphLearner } from "../../../src/train/graph/graph_learner.ts";
import { graphLoss } from "../../../src/train/graph/graph_loss.ts";
import { graphOps } from "../../../src/train/graph/graph_ops.ts";
import { Tape } from "../../../src/train/graph/tape.ts";
import { type GraphTensor, TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { FlatWeights } from "../../../src/train/step/flat_weights.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { valuesOffZero } from "../../helpers/op_cases.ts";
import { randomBatch, randomState, takeSteps } from "../../helpers/random_step.ts";
import { openGraph } from "../../helpers/run_graph.ts";

/**
 * The loss of a network as a graph: every tensor of weights an input by its name, then the batch. What `enlarge` gives is an output
 * `enlarged N`, or an input where `isFrozen`: no gradient flows through it, so that differences must not either.
 */
function lossGraph(config: TrainConfig, isFrozen: boolean): TensorGraph {
  const graph = new TensorGraph();
  const { network, batch, crop } = config;
  const weights = new Map(
    describeNetwork(network).tensors.map(({ name, shape }) => [name, graph.input(name, shape)]),
  );
  const ops = graphOps(graph, { weights, precision: "float32", tape: new Tape(graph) });
  let enlarged = 0;
  const enlarge = (x: GraphTensor, times: number) => {
    const y = ops.enlarge(x, times);
    const name = `enlarged ${enlarged++}`;
    if (isFrozen) return graph.input(name, y.shape);
    graph.output(name, y);
    return y;
  };
  const pictures = (name: string) => graph.input(name, [batch, crop, crop, 3]);
  const [blurry, sharp] = [pictures("blurry"), pictures("sharp")];
  const cells = crop / FLOW_CELL;
  const neighbours = ["previous", "next"].slice(0, network.frames - 1).map((name) => ({
    moved: pictures(name),
    flow: graph.input(`${name}Flow`, [batch, cells, cells, 2]),
  }));
  const scales = mtdn({ ...ops, enlarge }, network, blurry, neighbours);
  const images = scales.map(({ image }) => image);
  graph.output("loss", graphLoss(graph, config, images, { blurry, sharp }).loss);
  return graph;
}

/** Checks the derivative of the whole loss in two directions of every tensor: along its gradient, and a random one. */
async function checkGradient(tf: TensorFlow, preset: Preset, loss: TrainConfig["loss"]): Promise<void> {
  // Without memory Adam's first moment is the gradient.
  const adam = { beta1: 0, beta2: 0.999, epsilon: 1e-8 };
  const config = { ...trainConfig(preset), batch: 1, loss, adam };
  const [state, batch] = [randomState(config), randomBatch(config)];
  const layout = new FlatWeights(describeNetwork(config.network).tensors);
  using learner = await GraphLearner.open(tf, config, "float32");
  const taken = await takeSteps(tf, learner, state, batch, { stepSize: 0, decay: 0, count: 1 });
  const value = taken.results[0]?.loss ?? NaN;

  const [previous, next] = batch.neighbours;
  const pictures = {
    blurry: batch.blurry,
    sharp: batch.sharp,
    ...(previous && { previous: previous.moved, previousFlow: previous.flow }),
    ...(next && { next: next.moved, nextFlow: next.flow }),
  };
  const weights = layout.unpack(state.weights);
  using free = await openGraph(tf, lossGraph(config, false));
  const { loss: first = [], ...enlarged } = await free.run({ ...Object.fromEntries(weights), ...pictures });
  assert.ok(Math.abs(1 - (first[0] ?? NaN) / value) < 1e-5, `${first[0]}, not ${value}`);
  using frozen = await openGraph(tf, lossGraph(config, true));
  const fixed = { ...Object.fromEntries(weights), ...pictures, ...enlarged };

  for (const [name, gradient] of layout.unpack(taken.rows.m)) {
    const norm = Math.hypot(...gradient);
    assert.ok(norm > 0, name);
    const before = weights.get(name) ?? assert.fail(name);
    const sign = valuesOffZero(gradient.length, name).map((v) => Math.sign(v) / Math.sqrt(gradient.length));
    for (const direction of [gradient.map((g) => g / norm), sign]) {
      const moved = async (by: number) => {
        const changed = before.map((value, i) => value + by * (direction[i] ?? NaN));
        return (await frozen.run({ ...fixed, [name]: changed })).loss?.[0] ?? NaN;
      };
      const expected = (await moved(0.003) - await moved(-0.003)) / 0.006;
      const actual = gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? NaN), 0);
      const within = 0.02 * norm + 2e-4 * value;
      assert.ok(Math.abs(actual - expected) < within, `${name}: ${actual}, not ${expected}`);
    }
  }
}

for (const preset of ["smoke", "smoke-video"] as const) {
  for (const loss of LOSSES) {
    nativeTest(
      `stepGraph: the gradient of the whole network, ${preset}, ${loss} loss, is the limit of differences`,
      (tf) => checkGradient(tf, preset, loss),
    );
  }
}
