import type { GraphTensor, TensorGraph } from "./tensor_graph.ts";

/** From the gradient of an output to that of each input; an input that does not ask for one may get `undefined`. */
export type Backward = (
  gradient: GraphTensor,
  isWanted: (input: GraphTensor) => boolean,
) => readonly (GraphTensor | undefined)[];

interface Step {
  readonly output: GraphTensor;
  readonly inputs: readonly GraphTensor[];
  readonly backward: Backward;
}

/** What was computed from what is to be learnt, in its order, so that it can be differentiated backwards. */
export class Tape {
  readonly #graph: TensorGraph;
  readonly #steps: Step[] = [];
  readonly #depends = new Set<string>();

  constructor(graph: TensorGraph) {
    this.#graph = graph;
  }

  /** Asks for the gradient of `tensor`. */
  watch(tensor: GraphTensor): void {
    this.#depends.add(tensor.name);
  }

  /** Notes how `output` was made; forgotten at once where nothing watched went into it. */
  record(output: GraphTensor, inputs: readonly GraphTensor[], backward: Backward): GraphTensor {
    if (inputs.some(({ name }) => this.#depends.has(name))) {
      this.#depends.add(output.name);
      this.#steps.push({ output, inputs, backward });
    }
    return output;
  }

  /**
   * Reverse-mode differentiation, written down as nodes of the graph.
   *
   * @param seeds Of each output of a loss, the loss's gradient by it.
   * @returns The loss's gradient by each watched tensor that has one, by the tensor's name.
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
    const isWanted = ({ name }: GraphTensor) => this.#depends.has(name);
    for (const { output, inputs, backward } of this.#steps.toReversed()) {
      const gradients = parts.get(output.name);
      if (gradients === undefined) continue; // nothing of the loss comes from here
      parts.delete(output.name);
      const found = backward(this.#graph.sum(gradients), isWanted);
      inputs.forEach((input, i) => {
        const gradient = found[i];
        if (gradient !== undefined && isWanted(input)) add(input, gradient);
      });
    }
    return new Map([...parts].map(([name, gradients]) => [name, this.#graph.sum(gradients)]));
  }
}
