import type { OnnxAttribute, OnnxGraph } from "../../onnx/onnx_graph.ts";
import { ONNX_TYPES } from "../../onnx/onnx_graph.ts";
import { UnfitGraphError } from "../unfit_graph_error.ts";
import type { Constant, GraphNode, ValueType } from "./graph_model.ts";

/** A value of a graph that is being translated. */
export interface Value {
  /** Its name in the ONNX graph. */
  readonly name: string;
  readonly type: ValueType;
  /** Its value, where that is known already. */
  readonly constant?: Constant;
  /** Its shape, where that is known although the value is not. */
  readonly shape?: readonly number[];
}

/** Writes one TensorFlow operation as ONNX nodes; returns its outputs. */
export type Translate = (op: Operation) => Value | readonly Value[];

/** Operations by TensorFlow's names. */
export type Translations = Readonly<Record<string, Translate>>;

const TYPE_NAMES: Readonly<Record<string, ValueType>> = {
  DT_FLOAT: "float",
  DT_INT32: "int32",
  DT_BOOL: "bool",
};
const TYPE_NUMBERS: Readonly<Record<number, ValueType>> = { 1: "float", 3: "int32", 10: "bool" };

/** An operation that is being translated: its inputs and attributes, and the graph it goes to. */
export class Operation {
  readonly node: GraphNode;
  readonly inputs: readonly Value[];
  readonly graph: OnnxGraph;

  constructor(node: GraphNode, inputs: readonly Value[], graph: OnnxGraph) {
    this.node = node;
    this.inputs = inputs;
    this.graph = graph;
  }

  /** @throws {UnfitGraphError} if it has fewer inputs. */
  input(i: number): Value {
    const value = this.inputs[i];
    if (value === undefined) throw this.refusal(`has no input ${i}`);
    return value;
  }

  /** Adds a node with one output. @param type Of its output. @default {that of the first input} */
  emit(
    opType: string,
    inputs: readonly (Value | string)[],
    attributes: Record<string, OnnxAttribute> = {},
    type?: ValueType,
  ): Value {
    const [first] = inputs;
    const names = inputs.map((input) => typeof input === "string" ? input : input.name);
    const known = type ?? (typeof first === "object" ? first.type : "float");
    return { name: this.graph.node(opType, names, attributes), type: known };
  }

  /** The numbers of an input that decides shapes, which has to be constant. */
  numbers(i: number): number[] {
    const { constant } = this.input(i);
    if (constant === undefined) throw this.refusal(`has an input ${i} that depends on the picture`);
    return Array.from(constant.data);
  }

  /** A shape or place as ONNX takes it, constant or not. */
  asInt64(value: Value): string {
    return value.constant
      ? this.int64(Array.from(value.constant.data), value.constant.shape)
      : this.graph.node("Cast", [value.name], { to: ONNX_TYPES.int64 });
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = `int64 [${shape}] ${values}`;
    return this.graph.constant(name, "int64", shape, BigInt64Array.from(values, BigInt));
  }

  scalar(value: number, type: ValueType): string {
    if (type !== "int32") return this.graph.scalar(value);
    return this.graph.constant(`int32 ${value}`, "int32", [], Int32Array.of(value));
  }

  /** A whole number among the attributes. */
  int(name: string, otherwise: number): number {
    const value = this.#field(name, "i");
    return value === undefined ? otherwise : Number(value);
  }

  float(name: string, otherwise: number): number {
    const value = this.#field(name, "f");
    return value === undefined ? otherwise : Number(value);
  }

  flag(name: string): boolean {
    return this.#field(name, "b") === true;
  }

  /** A text among the attributes, which the file has in base 64. */
  text(name: string, otherwise: string): string {
    const value = this.#field(name, "s");
    return typeof value === "string" ? decode(value) : otherwise;
  }

  type(name: string): ValueType {
    const value = this.#field(name, "type");
    const type = typeof value === "number" ? TYPE_NUMBERS[value] : TYPE_NAMES[String(value)];
    if (type === undefined) throw this.refusal(`works on type ${value}`);
    return type;
  }

  /** A shape among the attributes; `undefined` for a side that may be anything. */
  shape(name: string): (number | undefined)[] {
    const shape = this.#field(name, "shape");
    const sides = isRecord(shape) && Array.isArray(shape["dim"]) ? shape["dim"] : [];
    return sides.map((side: unknown) => {
      const size = isRecord(side) ? Number(side["size"] ?? -1) : -1;
      return size > 0 ? size : undefined;
    });
  }

  ints(name: string): number[] {
    return this.#list(name, "i").map(Number);
  }

  texts(name: string): string[] {
    return this.#list(name, "s").map((text) => decode(String(text)));
  }

  /** The error for what cannot be translated. @param why "has ..." */
  refusal(why: string): UnfitGraphError {
    const { name, op } = this.node;
    return new UnfitGraphError(`Its operation ${op} ("${name}") ${why}, which cannot be translated to ONNX`);
  }

  #field(name: string, field: string): unknown {
    const attribute = this.node.attributes[name];
    return isRecord(attribute) ? attribute[field] : undefined;
  }

  #list(name: string, field: string): readonly unknown[] {
    const list = this.#field(name, "list");
    const values = isRecord(list) ? list[field] : undefined;
    return Array.isArray(values) ? values : [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function decode(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
