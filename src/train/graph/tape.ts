import type { GraphTensor, TensorGraph } from "./tensor_graph.ts";

/** Computes the gradients of inputs from that of the output; `undefined` is allowed for an input that needs none. */
export type Backward = (
  gradient: GraphTensor,
  isNeeded: (input: GraphTensor) => boolean,
) => readonly (GraphTensor | undefined)[];

interface Step {
  readonly output: GraphTensor;
  readonly inputs: readonly GraphTensor[];
  readonly backward: Backward;
}

/** Records the operations that depend on weights, in order, for reverse-mode differentiation. */
export class Tape {
  readonly #graph: TensorGraph;
  readonly #steps: Step[] = [];
  readonly #depends = new Set<string>();

  constructor(graph: TensorGraph) {
    this.#graph = graph;
  }

  /** Requests the gradient of `tensor`. */
  watch(tensor: GraphTensor): void {
    this.#depends.add(tensor.name);
  }

  /** Records how `output` was made, if it depends on a watched tensor. */
  record(output: GraphTensor, inputs: readonly GraphTensor[], backward: Backward): GraphTensor {
    if (inputs.some(({ name }) => this.#depends.has(name))) {
      this.#depends.add(output.name);
      this.#steps.push({ output, inputs, backward });
    }
    return output;
  }

  /**
   * Adds reverse-mode differentiation to the graph.
   *
   * @param seeds Tensors that a loss depends on, with its gradients by them.
   * @returns The loss's gradient by each watched tensor, by the tensor's name.
   */
  gradients(
    seeds: readonly (readonly [output: GraphTensor, gradient: GraphTensor])[],
  ): Map<string, GraphTensor> {
    const parts = new Map<string, GraphTensor[]>();
    const add = (tensor: GraphTensor, gradient: GraphTensor) => {
      const known = parts.get(tensor.name);
      if (known === undefined) parts.set(tensor.name, [gradient]);
      else known.push(gradient);
    };
    for (const [output, gradient] of seeds) add(output, gradient);
    const isNeeded = ({ name }: GraphTensor) => this.#depends.has(name);
    for (const { output, inputs, backward } of this.#steps.toReversed()) {
      const gradients = parts.get(output.name);
      if (gradients === undefined) continue; // the loss does not depend on it
      parts.delete(output.name);
      const found = backward(this.#graph.sum(gradients), isNeeded);
      inputs.forEach((input, i) => {
        const gradient = found[i];
        if (gradient !== undefined && isNeeded(input)) add(input, gradient);
      });
    }
    return new Map([...parts].map(([name, gradients]) => [name, this.#graph.sum(gradients)]));
  }
}
