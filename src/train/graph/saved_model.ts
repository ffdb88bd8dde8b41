import protobuf from "protobufjs/light.js";

/** Element types of tensors, by the name used here, with the number that TensorFlow gives them. */
export const DATA_TYPES = { float: 1, int32: 3, complex64: 8, bool: 10, bfloat16: 14 } as const;

/** A name from {@linkcode DATA_TYPES}. */
export type DataType = keyof typeof DATA_TYPES;

/** Value of a node's attribute, as the fields of TensorFlow's `AttrValue`. */
export type Attribute =
  | { readonly type: number }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: Uint8Array }
  | { readonly list: { readonly i: readonly number[] } }
  | { readonly shape: object }
  | { readonly tensor: object };

/** One operation of a graph, as TensorFlow's `NodeDef`. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** An input or output of a SavedModel. */
export interface Endpoint {
  /** `NODE:OUTPUT`. */
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

/** The part of TensorFlow's protobuf schemas that a graph without variables needs; numbers as in its `.proto` files. */
const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    SavedModel: message({
      savedModelSchemaVersion: ["int64", 1],
      metaGraphs: ["repeated MetaGraphDef", 2],
    }),
    MetaGraphDef: message({
      metaInfoDef: ["MetaInfoDef", 1],
      graphDef: ["GraphDef", 2],
      signatureDef: ["map SignatureDef", 5],
    }),
    MetaInfoDef: message({ tags: ["repeated string", 4] }),
    GraphDef: message({ node: ["repeated NodeDef", 1], versions: ["VersionDef", 4] }),
    VersionDef: message({ producer: ["int32", 1] }),
    SignatureDef: message({
      inputs: ["map TensorInfo", 1],
      outputs: ["map TensorInfo", 2],
      methodName: ["string", 3],
    }),
    TensorInfo: message({
      name: ["string", 1],
      dtype: ["int32", 2],
      tensorShape: ["TensorShapeProto", 3],
    }),
    NodeDef: message({
      name: ["string", 1],
      op: ["string", 2],
      input: ["repeated string", 3],
      attr: ["map AttrValue", 5],
    }),
    AttrValue: message({
      list: ["ListValue", 1],
      s: ["bytes", 2],
      i: ["int64", 3],
      f: ["float", 4],
      b: ["bool", 5],
      type: ["int32", 6],
      shape: ["TensorShapeProto", 7],
      tensor: ["TensorProto", 8],
    }, "value"),
    ListValue: message({ i: ["repeated int64", 3] }),
    TensorShapeProto: message({ dim: ["repeated Dim", 2] }),
    Dim: message({ size: ["int64", 1] }),
    TensorProto: message({
      dtype: ["int32", 1],
      tensorShape: ["TensorShapeProto", 2],
      tensorContent: ["bytes", 4],
    }),
  },
});

/** Version of graphs that TensorFlow 2.18 writes; readers of it and of all later versions take it. */
const PRODUCER = 1882;

/** The bytes of `saved_model.pb`: one graph, tagged `serve`, with one signature, `serving_default`. */
export function encodeSavedModel(
  node: readonly NodeDef[],
  inputs: Readonly<Record<string, Endpoint>>,
  outputs: Readonly<Record<string, Endpoint>>,
): Uint8Array {
  const infos = (endpoints: Readonly<Record<string, Endpoint>>) =>
    Object.fromEntries(
      Object.entries(endpoints).map(([key, { name, type, shape }]) => [
        key,
        { name, dtype: DATA_TYPES[type], tensorShape: shapeProto(shape) },
      ]),
    );
  const signature = {
    inputs: infos(inputs),
    outputs: infos(outputs),
    methodName: "tensorflow/serving/predict",
  };
  return SCHEMA.lookupType("SavedModel").encode({
    savedModelSchemaVersion: 1,
    metaGraphs: [{
      metaInfoDef: { tags: ["serve"] },
      graphDef: { node, versions: { producer: PRODUCER } },
      signatureDef: { serving_default: signature },
    }],
  }).finish();
}

/** TensorFlow's `TensorShapeProto`. */
export function shapeProto(shape: readonly number[]): { readonly dim: readonly { readonly size: number }[] } {
  return { dim: shape.map((size) => ({ size })) };
}

/** @param oneof Name of the choice that all the fields are: what is chosen is written even where it is zero or false. */
function message(
  fields: Record<string, readonly [type: string, id: number]>,
  oneof?: string,
): protobuf.IType {
  const entries = Object.entries(fields).map(([name, [type, id]]) => {
    const [last = "", rule] = type.split(" ").reverse();
    if (rule === "map") return [name, { keyType: "string", type: last, id }] as const;
    return [name, { type: last, id, ...(rule !== undefined && { rule }) }] as const;
  });
  const choice = oneof && { oneofs: { [oneof]: { oneof: Object.keys(fields) } } };
  return { fields: Object.fromEntries(entries), ...choice };
}
