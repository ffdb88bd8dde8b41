import {
  type Attribute,
  DATA_TYPES,
  type DataType,
  encodeSavedModel,
  type Endpoint,
  type NodeDef,
  shapeProto,
} from "./saved_model.ts";

/** A value of a {@linkcode TensorGraph}: its type and shape, without data. */
export interface GraphTensor extends Endpoint {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

/**
 * Builds a TensorFlow graph. All shapes are fixed. Methods are named after TensorFlow's operations and add one node; equal constants share a
 * node.
 */
export class TensorGraph {
  readonly #nodes: NodeDef[] = [];
  readonly #constants = new Map<string, GraphTensor>();
  readonly #inputs: Record<string, Endpoint> = {};
  readonly #outputs: Record<string, Endpoint> = {};
  #after: readonly string[] = [];

  /** The inputs, by name. */
  get inputs(): Readonly<Record<string, Endpoint>> {
    return this.#inputs;
  }

  /** Declares an input. */
  input(name: string, shape: readonly number[]): GraphTensor {
    const dtype = { type: DATA_TYPES.float };
    const tensor = this.node(
      "Placeholder",
      [],
      { dtype, shape: { shape: shapeProto(shape) } },
      "float",
      shape,
    );
    this.#inputs[name] = tensor;
    return tensor;
  }

  /** Declares an output. */
  output(name: string, tensor: GraphTensor): void {
    this.#outputs[name] = this.node("Identity", [tensor], { T: typeOf(tensor) }, tensor.type, tensor.shape);
  }

  /** Makes nodes that are added later wait for `tensor`, so that large values are not computed at the same time. */
  waitFor(tensor: GraphTensor): void {
    this.#after = [`^${tensor.name.replace(/:\d+$/, "")}`];
  }

  /** Adds a node with one output. */
  node(
    op: string,
    inputs: readonly GraphTensor[],
    attr: Readonly<Record<string, Attribute>>,
    type: DataType,
    shape: readonly number[],
  ): GraphTensor {
    return this.nodes(op, inputs, attr, [{ type, shape }])[0] as GraphTensor;
  }

  /** Adds a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly GraphTensor[],
    attr: Readonly<Record<string, Attribute>>,
    outputs: readonly Pick<GraphTensor, "type" | "shape">[],
  ): GraphTensor[] {
    const name = `${op}_${this.#nodes.length}`;
    const isConstant = inputs.length === 0;
    const input = [...inputs.map((tensor) => tensor.name), ...(isConstant ? [] : this.#after)];
    this.#nodes.push({ name, op, input, attr });
    return outputs.map((output, i) => ({ ...output, name: `${name}:${i}` }));
  }

  /** A constant of `shape`: a number for each element, or one for all. */
  constant(values: Float32Array | Int32Array | number, shape: readonly number[] = []): GraphTensor {
    const data = typeof values === "number" ? Float32Array.of(values) : values;
    const key = `${data.constructor.name} ${shape} ${data}`;
    const known = data.length < 64 ? this.#constants.get(key) : undefined;
    if (known !== undefined) return known;
    const type = data instanceof Int32Array ? "int32" : "float";
    const tensor = {
      dtype: DATA_TYPES[type],
      tensorShape: shapeProto(shape),
      tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
    const made = this.node(
      "Const",
      [],
      { dtype: { type: DATA_TYPES[type] }, value: { tensor } },
      type,
      shape,
    );
    this.#constants.set(key, made);
    return made;
  }

  /** A constant vector of whole numbers, for sizes and axes. */
  ints(...values: number[]): GraphTensor {
    return this.constant(Int32Array.from(values), [values.length]);
  }

  cast(x: GraphTensor, type: DataType): GraphTensor {
    if (x.type === type) return x;
    const attr = { SrcT: typeOf(x), DstT: { type: DATA_TYPES[type] } };
    return this.node("Cast", [x], attr, type, x.shape);
  }

  reshape(x: GraphTensor, shape: readonly number[]): GraphTensor {
    const attr = { T: typeOf(x), Tshape: { type: DATA_TYPES.int32 } };
    return this.node("Reshape", [x, this.ints(...shape)], attr, x.type, shape);
  }

  /** An elementwise operation: `Neg`, `Sqrt`, `Square`, `Abs`, `Relu`, ... */
  unary(op: string, x: GraphTensor): GraphTensor {
    return this.node(op, [x], { T: typeOf(x) }, x.type, x.shape);
  }

  /** An operation on two values of one type, broadcast as NumPy does: `AddV2`, `Sub`, `Mul`, `RealDiv`, ... */
  binary(op: string, a: GraphTensor, b: GraphTensor | number): GraphTensor {
    const other = typeof b === "number" ? this.cast(this.constant(b), a.type) : b;
    return this.node(op, [a, other], { T: typeOf(a) }, a.type, broadcast(a.shape, other.shape));
  }

  add(a: GraphTensor, b: GraphTensor | number): GraphTensor {
    return this.binary("AddV2", a, b);
  }

  sub(a: GraphTensor, b: GraphTensor | number): GraphTensor {
    return this.binary("Sub", a, b);
  }

  mul(a: GraphTensor, b: GraphTensor | number): GraphTensor {
    return this.binary("Mul", a, b);
  }

  div(a: GraphTensor, b: GraphTensor | number): GraphTensor {
    return this.binary("RealDiv", a, b);
  }

  /** The sum of tensors of one shape. */
  sum(parts: readonly GraphTensor[]): GraphTensor {
    const [first] = parts;
    if (first === undefined) throw new RangeError("Cannot sum without tensors");
    if (parts.length === 1) return first;
    return this.node("AddN", parts, { T: typeOf(first), N: { i: parts.length } }, first.type, first.shape);
  }

  /** Mean over `axes`, which are kept with size 1; without axes, the mean of all values as a scalar. */
  mean(x: GraphTensor, axes?: readonly number[]): GraphTensor {
    const over = axes ?? x.shape.map((_, axis) => axis);
    const shape = axes === undefined ? [] : x.shape.map((side, axis) => axes.includes(axis) ? 1 : side);
    const attr = {
      T: typeOf(x),
      Tidx: { type: DATA_TYPES.int32 },
      keep_dims: { b: axes !== undefined },
    };
    return this.node("Mean", [x, this.ints(...over)], attr, x.type, shape);
  }

  /** Concatenates along `axis`. */
  concat(parts: readonly GraphTensor[], axis: number): GraphTensor {
    const [first] = parts;
    if (first === undefined) throw new RangeError("Cannot concatenate without tensors");
    if (parts.length === 1) return first;
    const total = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const attr = { T: typeOf(first), Tidx: { type: DATA_TYPES.int32 }, N: { i: parts.length } };
    const axisTensor = this.constant(Int32Array.of(axis));
    return this.node("ConcatV2", [...parts, axisTensor], attr, first.type, first.shape.with(axis, total));
  }

  /** The part of `x` that begins at `begin` and has the shape `size`. */
  slice(x: GraphTensor, begin: readonly number[], size: readonly number[]): GraphTensor {
    const attr = { T: typeOf(x), Index: { type: DATA_TYPES.int32 } };
    return this.node("Slice", [x, this.ints(...begin), this.ints(...size)], attr, x.type, size);
  }

  /** Means of 2 × 2 pixels. */
  halve(x: GraphTensor): GraphTensor {
    const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
    return this.node("AvgPool", [x], { T: typeOf(x), ...HALVING }, x.type, [
      batch,
      height / 2,
      width / 2,
      channels,
    ]);
  }

  /** The graph as the bytes of a SavedModel's `saved_model.pb`. */
  encode(): Uint8Array {
    return encodeSavedModel(this.#nodes, this.#inputs, this.#outputs);
  }
}

/** Attributes of 2 × 2 pooling. */
export const HALVING = {
  ksize: { list: { i: [1, 2, 2, 1] } },
  strides: { list: { i: [1, 2, 2, 1] } },
  padding: text("VALID"),
  data_format: text("NHWC"),
} as const;

/** An attribute with a tensor's type. */
export function typeOf({ type }: Pick<GraphTensor, "type">): Attribute {
  return { type: DATA_TYPES[type] };
}

/** An attribute with text. */
export function text(value: string): Attribute {
  return { s: new TextEncoder().encode(value) };
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i, n = Math.max(a.length, b.length)) => {
    return Math.max(a[a.length - n + i] ?? 1, b[b.length - n + i] ?? 1);
  });
}
