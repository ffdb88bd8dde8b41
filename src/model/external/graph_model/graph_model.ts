/** A TensorFlow.js graph model, read from its files. */
export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  /** Constants by the name of their node. */
  readonly weights: ReadonlyMap<string, Constant>;
  /** "NODE" or "NODE:OUTPUT"; none where the file does not say. */
  readonly outputs: readonly string[];
}

/** One operation. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** "NODE" or "NODE:OUTPUT" each. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Types of values in a graph that can be translated. */
export type ValueType = "float" | "int32" | "bool";

/** A constant. */
export interface Constant {
  readonly type: ValueType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}
