import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs-core";
import { LOSSES } from "../../../src/train/settings.ts";
import { graphLoss } from "../../../src/train/graph/graph_loss.ts";
import { TensorGraph } from "../../../src/train/graph/tensor_graph.ts";
import { multiScaleLoss } from "../../../src/train/step/loss.ts";
import { nativeTest } from "../../helpers/native_test.ts";
import { difference, randomRow } from "../../helpers/random_step.ts";
import { openGraph } from "../../helpers/run_graph.ts";

type Shape = [number, number, number, number];

const WEIGHTS = [1, 0.5, 5];
const SHAPES: readonly Shape[] = [[2, 4, 6, 3], [2, 8, 12, 3], [2, 16, 24, 3]];
const FULL: Shape = [2, 16, 24, 3];

function row([batch, height, width, channels]: Shape, key: string): Float32Array {
  return randomRow(batch * height * width * channels, key);
}

for (const loss of LOSSES) {
  nativeTest(`graphLoss ${loss} is multiScaleLoss, and its gradients are that one's`, async (tf) => {
    const config = { loss, scaleWeights: WEIGHTS };
    const images = SHAPES.map((shape, i) => row(shape, `image ${i}`));
    const blurry = row(FULL, "blurry");
    const sharp = blurry.map((value, i) => value + (i < blurry.length / 2 ? 0.02 : 0.2)); // unlike pictures

    const graph = new TensorGraph();
    const made = graphLoss(
      graph,
      config,
      SHAPES.map((shape, i) => graph.input(`image ${i}`, shape)),
      { blurry: graph.input("blurry", FULL), sharp: graph.input("sharp", FULL) },
    );
    graph.output("loss", made.loss);
    made.gradients.forEach((gradient, i) => graph.output(`by ${i}`, gradient));
    using opened = await openGraph(tf, graph);
    const byName = Object.fromEntries(images.map((image, i) => [`image ${i}`, image]));
    const found = await opened.run({ ...byName, blurry, sharp });

    const tensors = images.map((image, i) => tf.tensor4d(image, SHAPES[i]));
    const pair = { blurry: tf.tensor4d(blurry, FULL), sharp: tf.tensor4d(sharp, FULL) };
    const f = (...images: tfjs.Tensor[]) => multiScaleLoss(tf, config, images as tfjs.Tensor4D[], pair);
    const { value, grads } = tf.valueAndGrads(f)(tensors);
    const [expected = NaN] = await value.data();
    assert.ok(Math.abs((found.loss?.[0] ?? NaN) / expected - 1) < 1e-6, `${found.loss}, not ${expected}`);
    for (const [i, gradient] of grads.entries()) {
      const error = difference(await gradient.data<"float32">(), found[`by ${i}`] ?? new Float32Array());
      assert.ok(error < 1e-6, `by image ${i}: ${error}`);
    }
    tf.dispose([value, ...grads, ...tensors, pair.blurry, pair.sharp]);
  });
}

nativeTest("graphLoss of perfect pictures is 0, with a gradient of 0", async (tf) => {
  for (const loss of LOSSES) {
    const graph = new TensorGraph();
    const sharp = graph.input("sharp", FULL);
    const images = [graph.halve(graph.halve(sharp)), graph.halve(sharp), sharp];
    const made = graphLoss(graph, { loss, scaleWeights: WEIGHTS }, images, {
      blurry: graph.add(sharp, 0.1),
      sharp,
    });
    graph.output("loss", made.loss);
    made.gradients.forEach((gradient, i) => graph.output(`by ${i}`, gradient));
    using opened = await openGraph(tf, graph);
    for (const [name, values] of Object.entries(await opened.run({ sharp: row(FULL, "sharp") }))) {
      assert.ok(values.every((value) => Math.abs(value) < 1e-9), `${loss}: ${name} is ${values[0]}`);
    }
  }
});
