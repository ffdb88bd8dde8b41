import type { Constant, GraphModel, GraphNode } from "../../src/model/external/graph_model/graph_model.ts";
import { seededRandom } from "./random_weights.ts";

/** Values of attributes, as TensorFlow writes them. */
export const FLOAT = { type: "DT_FLOAT" };
export const INT = { type: "DT_INT32" };
export const text = (value: string) => ({ s: btoa(value) });
export const ints = (...values: number[]) => ({ list: { i: values.map(String) } });

/** A graph with the input "x" and the output "y". */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [
    {
      name: "x",
      op: "Placeholder",
      inputs: [],
      attributes: {
        dtype: FLOAT,
        shape: { shape: { dim: [-1, -1, -1, 3].map((size) => ({ size: `${size}` })) } },
      },
    },
  ];
  readonly weights = new Map<string, Constant>();

  node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, unknown> = {},
    name = `n${this.nodes.length}`,
  ) {
    this.nodes.push({ name, op, inputs, attributes: { T: FLOAT, ...attributes } });
    return name;
  }

  constant(shape: readonly number[], values: readonly number[], type: Constant["type"] = "int32"): string {
    const name = `c${this.nodes.length}`;
    const data = type === "float" ? Float32Array.from(values) : Int32Array.from(values);
    this.weights.set(name, { type, shape, data });
    this.nodes.push({ name, op: "Const", inputs: [], attributes: { dtype: type === "float" ? FLOAT : INT } });
    return name;
  }

  list(...values: number[]): string {
    return this.constant([values.length], values);
  }

  number(value: number): string {
    return this.constant([], [value]);
  }

  floats(...shape: number[]): string {
    const random = seededRandom(this.nodes.length);
    const count = shape.reduce((product, side) => product * side, 1);
    return this.constant(shape, Array.from({ length: count }, () => random() - 0.5), "float");
  }

  model(y: string): GraphModel {
    return { nodes: this.nodes, weights: this.weights, outputs: [`${y}:0`] };
  }
}
