import type { TrainConfig } from "../config.ts";
import { CHARBONNIER_EPSILON, NEARLY_SHARP } from "../step/loss.ts";
import type { GraphTensor, TensorGraph } from "./tensor_graph.ts";

/** A loss, and its gradients by the restored pictures. */
export interface GraphLoss {
  /** Scalar. */
  readonly loss: GraphTensor;
  /** The gradient by each picture, in order. */
  readonly gradients: readonly GraphTensor[];
}

/** Blurry and sharp pictures, `[batch, height, width, 3]`, `float`. */
export interface GraphPair {
  readonly blurry: GraphTensor;
  readonly sharp: GraphTensor;
}

/**
 * Adds eq. 2 to a graph; it computes the same as `multiScaleLoss` on TensorFlow.js.
 *
 * @param images The restored pictures of every scale, coarsest first, `float`.
 */
export function graphLoss(
  graph: TensorGraph,
  { loss, scaleWeights }: Pick<TrainConfig, "loss" | "scaleWeights">,
  images: readonly GraphTensor[],
  pair: GraphPair,
): GraphLoss {
  const levels = [pair];
  while (levels.length < images.length) {
    const { blurry, sharp } = levels[0] as GraphPair;
    levels.unshift({ blurry: graph.halve(blurry), sharp: graph.halve(sharp) });
  }
  const terms = images.map((image, scale) => {
    const weight = scaleWeights[scale] ?? 1;
    const error = pictureError(graph, loss, image, levels[scale] as GraphPair);
    return { loss: graph.mul(error.loss, weight), gradient: graph.mul(error.gradient, weight) };
  });
  return { loss: graph.sum(terms.map(({ loss }) => loss)), gradients: terms.map(({ gradient }) => gradient) };
}

/** Error per pixel, summed over its channels, mean over pixels and batch; see {@linkcode TrainConfig.loss}. */
function pictureError(
  graph: TensorGraph,
  kind: TrainConfig["loss"],
  image: GraphTensor,
  { blurry, sharp }: GraphPair,
): { loss: GraphTensor; gradient: GraphTensor } {
  const difference = graph.sub(image, sharp);
  const squared = graph.unary("Square", difference);
  const samples = image.shape.reduce((product, side) => product * side, 1);
  const channels = image.shape[3] ?? 3;
  switch (kind) {
    case "squared":
      return {
        loss: graph.mul(graph.mean(squared), channels),
        gradient: graph.mul(difference, 2 * channels / samples),
      };
    case "charbonnier": {
      const root = graph.unary("Sqrt", graph.add(squared, CHARBONNIER_EPSILON));
      return {
        loss: graph.mul(graph.mean(graph.sub(root, Math.sqrt(CHARBONNIER_EPSILON))), channels),
        gradient: graph.mul(graph.div(difference, root), channels / samples),
      };
    }
    case "relative": {
      const before = graph.mean(graph.unary("Square", graph.sub(blurry, sharp)), [1, 2, 3]);
      const weight = graph.unary("Reciprocal", graph.add(before, NEARLY_SHARP));
      return {
        loss: graph.mean(graph.mul(graph.mean(squared, [1, 2, 3]), weight)),
        gradient: graph.mul(graph.mul(difference, weight), 2 / samples),
      };
    }
  }
}
