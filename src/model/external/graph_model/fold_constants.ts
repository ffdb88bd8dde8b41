import type { Constant, ValueType } from "./graph_model.ts";
import type { Operation } from "./translation.ts";

/** Values that a fold may make: larger ones are left to the runtime. */
const MOST_VALUES = 2 ** 20;

/**
 * The result of an operation whose inputs are all constants; `undefined` where it is left to the runtime. Graphs that were traced
 * from programs have thousands of operations on sizes, each of which costs a runtime as much as a layer.
 */
export function foldConstants(op: Operation): Constant | undefined {
  const inputs: Constant[] = [];
  for (const { constant } of op.inputs) {
    if (constant === undefined || constant.data.length > MOST_VALUES) return undefined;
    inputs.push(constant);
  }
  const [first, second, third] = inputs;
  const { op: name } = op.node;
  if (first === undefined) return undefined;
  const unary = UNARY[name];
  if (unary) return constantOf(first.type, first.shape, Array.from(first.data, unary));
  const binary = BINARY[name] ?? (first.type === "int32" ? INTEGER[name] : FLOAT[name]);
  if (binary && second) return broadcast(first.type, first, second, binary);
  const comparison = COMPARISONS[name];
  if (comparison && second) return broadcast("bool", first, second, comparison);
  if ((name === "SelectV2" || name === "Select") && second && third) return select(first, second, third);
  return SHAPES[name]?.(op, inputs);
}

type Fold = (op: Operation, inputs: readonly Constant[]) => Constant | undefined;

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Identity: (x) => x,
  Abs: Math.abs,
  Neg: (x) => -x,
  Sign: Math.sign,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Reciprocal: (x) => 1 / x,
  LogicalNot: (x) => x === 0 ? 1 : 0,
};

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Maximum: Math.max,
  Minimum: Math.min,
  FloorMod: (a, b) => a - b * Math.floor(a / b),
  FloorDiv: (a, b) => Math.floor(a / b),
};
const INTEGER: typeof BINARY = { RealDiv: (a, b) => Math.trunc(a / b), Div: (a, b) => Math.trunc(a / b) };
const FLOAT: typeof BINARY = { RealDiv: (a, b) => a / b, Div: (a, b) => a / b };

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Equal: (a, b) => Number(a === b),
  NotEqual: (a, b) => Number(a !== b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  LogicalAnd: (a, b) => a & b,
  LogicalOr: (a, b) => a | b,
};

const SHAPES: Readonly<Record<string, Fold>> = {
  Cast: (op, [x]) => x && constantOf(op.type("DstT"), x.shape, Array.from(x.data)),
  Reshape: (_, [x, to]) => x && to && { ...x, shape: completed(Array.from(to.data), x.data.length) },
  ExpandDims: (_, [x, axis]) => x && axis && { ...x, shape: inserted(x.shape, axis.data[0] ?? 0) },
  Squeeze(op, [x]) {
    const dropped = op.ints("squeeze_dims").map((side) => side < 0 ? side + (x?.shape.length ?? 0) : side);
    const isDropped = (side: number, i: number) => dropped.length > 0 ? dropped.includes(i) : side === 1;
    return x && { ...x, shape: x.shape.filter((side, i) => !isDropped(side, i)) };
  },
  Pack(op, inputs) {
    const [first] = inputs;
    if (first === undefined || op.int("axis", 0) !== 0) return undefined;
    const values = inputs.flatMap(({ data }) => Array.from(data));
    return constantOf(first.type, [inputs.length, ...first.shape], values);
  },
  Range(_, [start, limit, delta]) {
    const [from = 0, to = 0, step = 1] = [start, limit, delta].map((constant) => constant?.data[0]);
    const count = Math.max(0, Math.ceil((to - from) / step));
    return start && constantOf(start.type, [count], Array.from({ length: count }, (_, i) => from + i * step));
  },
  BroadcastTo(_, [x, to]) {
    const shape = Array.from(to?.data ?? []);
    if (x === undefined || product(shape) > MOST_VALUES) return undefined;
    return broadcast(x.type, x, constantOf(x.type, shape, new Array(product(shape)).fill(0)), (a) => a);
  },
  StridedSlice: element,
};

/** One of a list. */
function element(op: Operation, [x, begin]: readonly Constant[]): Constant | undefined {
  const isElement = x?.shape.length === 1 && op.int("shrink_axis_mask", 0) === 1;
  if (!isElement || begin === undefined) return undefined;
  const [place = 0] = begin.data;
  return constantOf(x.type, [], [x.data[place < 0 ? place + x.data.length : place] ?? 0]);
}

/** A constant of some values; whole numbers wrap around as the graph's own would. */
function constantOf(type: ValueType, shape: readonly number[], values: readonly number[]): Constant {
  switch (type) {
    case "float":
      return { type, shape, data: Float32Array.from(values) };
    case "int32":
      return { type, shape, data: Int32Array.from(values) };
    case "bool":
      return { type, shape, data: Uint8Array.from(values, (value) => value === 0 ? 0 : 1) };
  }
}

function broadcast(
  type: ValueType,
  a: Constant,
  b: Constant,
  work: (a: number, b: number) => number,
): Constant | undefined {
  const shape = commonShape(a.shape, b.shape);
  if (product(shape) > MOST_VALUES) return undefined;
  const [x, y] = [reader(a, shape), reader(b, shape)];
  return constantOf(type, shape, Array.from({ length: product(shape) }, (_, i) => work(x(i), y(i))));
}

function select(condition: Constant, yes: Constant, no: Constant): Constant | undefined {
  const shape = commonShape(condition.shape, commonShape(yes.shape, no.shape));
  if (product(shape) > MOST_VALUES) return undefined;
  const [c, y, n] = [reader(condition, shape), reader(yes, shape), reader(no, shape)];
  return constantOf(yes.type, shape, Array.from({ length: product(shape) }, (_, i) => c(i) ? y(i) : n(i)));
}

/** The value that a constant has at a place of the shape that it is spread to. */
function reader({ data, shape }: Constant, spread: readonly number[]): (i: number) => number {
  if (data.length === 1) return () => data[0] ?? 0;
  if (data.length === product(spread)) return (i) => data[i] ?? 0;
  const sides = [...new Array(spread.length - shape.length).fill(1), ...shape];
  return (i) => {
    let [at, step, rest] = [0, 1, i];
    for (let side = spread.length - 1; side >= 0; side--) {
      const length = spread[side] ?? 1;
      if (sides[side] !== 1) at += (rest % length) * step;
      step *= sides[side];
      rest = Math.floor(rest / length);
    }
    return data[at] ?? 0;
  };
}

function commonShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const side = (shape: readonly number[], i: number) => shape[i - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, i) => Math.max(side(a, i), side(b, i)));
}

function completed(shape: readonly number[], count: number): number[] {
  const known = product(shape.filter((side) => side !== -1));
  return shape.map((side) => side === -1 ? count / known : side);
}

function inserted(shape: readonly number[], axis: number): number[] {
  const place = axis < 0 ? axis + shape.length + 1 : axis;
  return [...shape.slice(0, place), 1, ...shape.slice(place)];
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, side) => all * side, 1);
}
