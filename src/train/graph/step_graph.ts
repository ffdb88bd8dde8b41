import { describeNetwork, type TensorSpec } from "../../model/network/count_ops.ts";
import { FLOW_CELL } from "../../model/network/config.ts";
import { mtdn } from "../../model/network/network.ts";
import type { TrainConfig } from "../config.ts";
import { graphLoss } from "./graph_loss.ts";
import { graphOps, type Precision } from "./graph_ops.ts";
import { Tape } from "./tape.ts";
import { type GraphTensor, TensorGraph } from "./tensor_graph.ts";

/** The part of a training config that decides the graph of a step. */
export type StepConfig = Pick<TrainConfig, "network" | "batch" | "crop" | "loss" | "scaleWeights" | "adam">;

/**
 * A whole training step as the bytes of a SavedModel: forward (eq. 1) and backward pass, loss (eq. 2), Adam and the running average.
 *
 * Inputs: `weights`, their running `average` and Adam's moments `m` and `v`, each as one flat tensor; the batch, `blurry` and `sharp`
 * `[batch, crop, crop, 3]`, and for a network of three frames `previous`, `next` and their flows (see `Neighbour`); scalars `stepSize` (the rate
 * with Adam's bias correction) and `decay` of the average.
 * Outputs: the four flat tensors after the step; `loss` before it, `lossOfNothing`, that of the unchanged blurry pictures; and `change`, the mean absolute
 * difference between restored and blurry picture.
 *
 * @param parts Number of parts in which the batch is computed, one after the other, to save memory; their gradients are added.
 */
export function stepGraph(config: StepConfig, precision: Precision, parts = 1): Uint8Array {
  const { network, batch, crop } = config;
  if (batch % parts !== 0) throw new RangeError(`Cannot cut a batch of ${batch} into ${parts} equal parts`);
  const graph = new TensorGraph();
  const { tensors, parameters } = describeNetwork(network);
  const [weights, average, m, v] = (["weights", "average", "m", "v"] as const)
    .map((name) => graph.input(name, [parameters])) as [GraphTensor, GraphTensor, GraphTensor, GraphTensor];
  const pictures = (name: string) => graph.input(name, [batch, crop, crop, 3]);
  const cells = crop / FLOW_CELL;
  const whole: BatchTensors = {
    blurry: pictures("blurry"),
    sharp: pictures("sharp"),
    neighbours: network.frames === 1 ? [] : ["previous", "next"].map((name) => ({
      moved: pictures(name),
      flow: graph.input(`${name}Flow`, [batch, cells, cells, 2]),
    })),
  };
  const stepSize = graph.input("stepSize", []);
  const decay = graph.input("decay", []);

  const byName = splitRow(graph, weights, tensors);
  const measured = Array.from({ length: parts }, (_, part) => {
    const made = learnFrom(graph, config, precision, byName, partOf(graph, whole, part, parts));
    if (parts > 1) graph.waitFor(made.gradient); // the next part starts when this one is done and its memory is free
    return made;
  });
  const mean = (values: readonly GraphTensor[]) =>
    parts === 1 ? values[0] as GraphTensor : graph.mul(graph.sum(values), 1 / parts);

  const gradient = mean(measured.map(({ gradient }) => gradient));
  const { beta1, beta2, epsilon } = config.adam;
  const nextM = graph.add(graph.mul(m, beta1), graph.mul(gradient, 1 - beta1));
  const nextV = graph.add(graph.mul(v, beta2), graph.mul(graph.unary("Square", gradient), 1 - beta2));
  const move = graph.div(nextM, graph.add(graph.unary("Sqrt", nextV), epsilon));
  const nextWeights = graph.sub(weights, graph.mul(move, stepSize));
  graph.output("weights", nextWeights);
  graph.output("average", graph.add(nextWeights, graph.mul(graph.sub(average, nextWeights), decay)));
  graph.output("m", nextM);
  graph.output("v", nextV);
  for (const figure of ["loss", "lossOfNothing", "change"] as const) {
    graph.output(figure, mean(measured.map((part) => part[figure])));
  }
  return graph.encode();
}

interface BatchTensors {
  readonly blurry: GraphTensor;
  readonly sharp: GraphTensor;
  readonly neighbours: readonly { readonly moved: GraphTensor; readonly flow: GraphTensor }[];
}

/** Forward and backward pass; the gradient is one flat tensor. */
function learnFrom(
  graph: TensorGraph,
  config: StepConfig,
  precision: Precision,
  weights: ReadonlyMap<string, GraphTensor>,
  { blurry, sharp, neighbours }: BatchTensors,
) {
  const tape = new Tape(graph);
  for (const tensor of weights.values()) tape.watch(tensor);
  const ops = graphOps(graph, { weights, precision, tape });
  const scales = mtdn(ops, config.network, blurry, neighbours);
  const images = scales.map(({ image }) => graph.cast(image, "float"));
  const { loss, gradients } = graphLoss(graph, config, images, { blurry, sharp });
  const seeds = scales.map(({ image }, i) =>
    [image, graph.cast(gradients[i] as GraphTensor, image.type)] as const
  );
  const byName = tape.gradients(seeds);
  const rows = [...weights].map(([name, tensor]) => {
    const gradient = byName.get(tensor.name);
    if (gradient === undefined) throw new TypeError(`Cannot train "${name}": the loss does not depend on it`);
    return graph.reshape(gradient, [tensor.shape.reduce((product, side) => product * side, 1)]);
  });
  const untouched = scales.map(({ blurry }) => blurry);
  return {
    gradient: graph.concat(rows, 0),
    loss,
    lossOfNothing: graphLoss(graph, config, untouched, { blurry, sharp }).loss,
    change: graph.mean(graph.unary("Abs", graph.sub(images.at(-1) as GraphTensor, blurry))),
  };
}

/** Splits a flat tensor into the tensors of a network, by name. */
function splitRow(
  graph: TensorGraph,
  row: GraphTensor,
  specs: readonly TensorSpec[],
): ReadonlyMap<string, GraphTensor> {
  let at = 0;
  return new Map(specs.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const part = graph.slice(row, [at], [size]);
    at += size;
    return [name, graph.reshape(part, shape)];
  }));
}

function partOf(graph: TensorGraph, whole: BatchTensors, part: number, parts: number): BatchTensors {
  if (parts === 1) return whole;
  const cut = (x: GraphTensor) => {
    const [batch = 0, ...rest] = x.shape;
    const size = batch / parts;
    return graph.slice(x, [part * size, ...rest.map(() => 0)], [size, ...rest]);
  };
  const neighbours = whole.neighbours.map(({ moved, flow }) => ({ moved: cut(moved), flow: cut(flow) }));
  return { blurry: cut(whole.blurry), sharp: cut(whole.sharp), neighbours };
}
