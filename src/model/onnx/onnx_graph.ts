import protobuf from "protobufjs/light.js";

/** Element types of tensors, by ONNX's name, with the number it gives them. */
export const ONNX_TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;

/** A name from {@linkcode ONNX_TYPES}. */
export type OnnxType = keyof typeof ONNX_TYPES;

/** Value of a node's attribute. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

interface Node {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly object[];
}

/** The part of ONNX's protobuf schema that a convolutional network needs; numbers as in `onnx.proto`. */
const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      irVersion: ["int64", 1],
      opsetImport: ["repeated OperatorSetIdProto", 8],
      producerName: ["string", 2],
      docString: ["string", 6],
      graph: ["GraphProto", 7],
      metadataProps: ["repeated StringStringEntryProto", 14],
    }),
    OperatorSetIdProto: message({ domain: ["string", 1], version: ["int64", 2] }),
    StringStringEntryProto: message({ key: ["string", 1], value: ["string", 2] }),
    GraphProto: message({
      node: ["repeated NodeProto", 1],
      name: ["string", 2],
      initializer: ["repeated TensorProto", 5],
      input: ["repeated ValueInfoProto", 11],
      output: ["repeated ValueInfoProto", 12],
    }),
    NodeProto: message({
      input: ["repeated string", 1],
      output: ["repeated string", 2],
      name: ["string", 3],
      opType: ["string", 4],
      attribute: ["repeated AttributeProto", 5],
      domain: ["string", 7],
    }),
    AttributeProto: message({
      name: ["string", 1],
      f: ["float", 2],
      i: ["int64", 3],
      s: ["bytes", 4],
      ints: ["repeated int64", 8],
      type: ["int32", 20],
    }),
    TensorProto: message({
      dims: ["repeated int64", 1],
      dataType: ["int32", 2],
      name: ["string", 8],
      rawData: ["bytes", 9],
    }),
    ValueInfoProto: message({ name: ["string", 1], type: ["TypeProto", 2] }),
    TypeProto: message({ tensorType: ["TensorTypeProto", 1] }),
    TensorTypeProto: message({ elemType: ["int32", 1], shape: ["TensorShapeProto", 2] }),
    TensorShapeProto: message({ dim: ["repeated DimensionProto", 1] }),
    DimensionProto: message({ dimValue: ["int64", 1], dimParam: ["string", 2] }),
  },
});

/** Opset 17 (2022) of IR version 8: what every runtime of the last years reads. */
const [OPSET, IR_VERSION] = [17, 8];
/** Numbers of AttributeProto.AttributeType. */
const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];

/**
 * A graph of ONNX nodes that is being written down. Values are known by name; nodes name their outputs themselves.
 */
export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, object>();
  readonly #inputs: object[] = [];
  readonly #outputs: { readonly name: string }[] = [];

  /** Declares an input; sides given as text are dynamic. */
  input(name: string, type: OnnxType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares that `value` is an output, named `name`. */
  output(name: string, value: string, type: OnnxType, shape: readonly (number | string)[]): void {
    this.#nodes.push({ opType: "Identity", domain: "", name, input: [value], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** Adds a constant; the same name twice is the same constant. The data must not change afterwards. */
  constant(name: string, type: OnnxType, shape: readonly number[], data: ArrayBufferView): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.set(name, { name, dataType: ONNX_TYPES[type], dims: [...shape], rawData });
    return name;
  }

  /** Adds a constant number. */
  scalar(value: number): string {
    return this.constant(`number ${value}`, "float", [], Float32Array.of(value));
  }

  /**
   * Adds a node with one output; returns the output's name.
   *
   * @param kind ONNX's name of the operator, after a domain other than ONNX's own and a colon: "com.microsoft:QLinearAdd".
   */
  node(kind: string, input: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    const [output = ""] = this.nodes(kind, input, attributes, 1);
    return output;
  }

  /** Adds a node with several outputs; returns their names. */
  nodes(
    kind: string,
    input: readonly string[],
    attributes: Record<string, OnnxAttribute>,
    outputs: number,
  ): string[] {
    const [opType = "", domain = ""] = kind.split(":").reverse();
    const name = `${opType}.${this.#nodes.length}`;
    const output = Array.from({ length: outputs }, (_, i) => i === 0 ? name : `${name}.${i}`);
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.#nodes.push({ opType, domain, name, input, output, attribute });
    return output;
  }

  /**
   * The graph as the bytes of an ONNX file, without the nodes that no output needs.
   *
   * @param metadata What programs may read about it.
   * @param about What people may.
   */
  toModel(
    name: string,
    metadata: Readonly<Record<string, string>> = {},
    about = "",
  ): Uint8Array<ArrayBuffer> {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.output.some((value) => needed.has(value))) continue;
      nodes.push(node);
      for (const value of node.input) needed.add(value);
    }
    nodes.reverse();
    return new Uint8Array(
      SCHEMA.lookupType("ModelProto").encode({
        irVersion: IR_VERSION,
        producerName: "mtdn",
        docString: about,
        opsetImport: opsetsOf(nodes),
        graph: {
          name,
          node: nodes,
          initializer: [...this.#initializers].filter(([name]) => needed.has(name)).map(([, tensor]) =>
            tensor
          ),
          input: this.#inputs,
          output: this.#outputs,
        },
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      }).finish(),
    );
  }
}

/** ONNX's own operators, and version 1 of every other domain that is used. */
function opsetsOf(nodes: readonly Node[]) {
  const others = new Set(nodes.map(({ domain }) => domain).filter((domain) => domain !== ""));
  return [{ domain: "", version: OPSET }, ...[...others].map((domain) => ({ domain, version: 1 }))];
}

function message(fields: Record<string, readonly [type: string, id: number]>): protobuf.IType {
  const entries = Object.entries(fields).map(([name, [type, id]]) => {
    const [last = "", rule] = type.split(" ").reverse();
    return [name, { type: last, id, ...(rule !== undefined && { rule }) }] as const;
  });
  return { fields: Object.fromEntries(entries) };
}

function attributeProto(name: string, value: OnnxAttribute): object {
  if (typeof value === "number") return { name, type: INT, i: value };
  if (typeof value === "string") return { name, type: STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: FLOAT, f: value.float };
  return { name, type: INTS, ints: [...value] };
}

function valueInfo(name: string, type: OnnxType, shape: readonly (number | string)[]) {
  const dim = shape.map((side) => typeof side === "number" ? { dimValue: side } : { dimParam: side });
  return { name, type: { tensorType: { elemType: ONNX_TYPES[type], shape: { dim } } } };
}
