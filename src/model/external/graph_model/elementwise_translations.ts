import { ONNX_TYPES } from "../../onnx/onnx_graph.ts";
import type { Operation, Translate, Translations, Value } from "./translation.ts";

/** The same operation under ONNX's name. */
const alike = (opType: string): Translate => (op) => op.emit(opType, op.inputs);
const compare = (opType: string): Translate => (op) => op.emit(opType, op.inputs, {}, "bool");
const same: Translate = (op) => op.input(0);

/** Operations on each value alone. */
export const ELEMENTWISE: Translations = {
  Identity: same,
  StopGradient: same,
  Snapshot: same,
  Add: alike("Add"),
  AddV2: alike("Add"),
  BiasAdd: alike("Add"),
  AddN: alike("Sum"),
  Sub: alike("Sub"),
  Mul: alike("Mul"),
  Div: alike("Div"),
  RealDiv: alike("Div"),
  Pow: alike("Pow"),
  Maximum: alike("Max"),
  Minimum: alike("Min"),
  Neg: alike("Neg"),
  Abs: alike("Abs"),
  Exp: alike("Exp"),
  Log: alike("Log"),
  Sqrt: alike("Sqrt"),
  Sin: alike("Sin"),
  Cos: alike("Cos"),
  Erf: alike("Erf"),
  Tanh: alike("Tanh"),
  Sigmoid: alike("Sigmoid"),
  Softplus: alike("Softplus"),
  Floor: alike("Floor"),
  Ceil: alike("Ceil"),
  Round: alike("Round"),
  Sign: alike("Sign"),
  Reciprocal: alike("Reciprocal"),
  Relu: alike("Relu"),
  Elu: alike("Elu"),
  Prelu: alike("PRelu"),
  Greater: compare("Greater"),
  GreaterEqual: compare("GreaterOrEqual"),
  Less: compare("Less"),
  LessEqual: compare("LessOrEqual"),
  Equal: compare("Equal"),
  LogicalAnd: compare("And"),
  LogicalOr: compare("Or"),
  LogicalNot: compare("Not"),
  NotEqual: (op) => op.emit("Not", [op.emit("Equal", op.inputs, {}, "bool")]),
  Select: select,
  SelectV2: select,
  Cast: (op) => {
    const type = op.type("DstT");
    return op.emit("Cast", [op.input(0)], { to: ONNX_TYPES[type] }, type);
  },
  Rsqrt: (op) => op.emit("Reciprocal", [op.emit("Sqrt", [op.input(0)])]),
  Square: (op) => op.emit("Mul", [op.input(0), op.input(0)]),
  SquaredDifference: (op) => {
    const difference = op.emit("Sub", op.inputs);
    return op.emit("Mul", [difference, difference]);
  },
  Relu6: (op) => op.emit("Clip", [op.input(0), op.graph.scalar(0), op.graph.scalar(6)]),
  LeakyRelu: (op) => op.emit("LeakyRelu", [op.input(0)], { alpha: { float: op.float("alpha", 0.2) } }),
  ClipByValue: (op) => op.emit("Min", [op.emit("Max", [op.input(0), op.input(1)]), op.input(2)]),
  FloorMod: floorMod,
  FloorDiv: (op) => {
    const [a, b] = [op.input(0), op.input(1)];
    if (a.type === "float") return op.emit("Floor", [op.emit("Div", [a, b])]);
    return op.emit("Div", [op.emit("Sub", [a, floorMod(op)]), b]);
  },
};

function select(op: Operation): Value {
  return op.emit("Where", op.inputs, {}, op.input(1).type);
}

function floorMod(op: Operation): Value {
  const [a, b] = [op.input(0), op.input(1)];
  if (a.type === "int32") return op.emit("Mod", [a, b]);
  const whole = op.emit("Floor", [op.emit("Div", [a, b])]);
  return op.emit("Sub", [a, op.emit("Mul", [whole, b])]);
}
