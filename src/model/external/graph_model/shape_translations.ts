import { ONNX_TYPES } from "../../onnx/onnx_graph.ts";
import type { Operation, Translate, Translations, Value } from "./translation.ts";

/** Up to the end of a side, however long. */
const TO_END = 2 ** 31 - 1;

/** Operations that move values, or join them along sides. */
export const SHAPES: Translations = {
  Shape: (op) => op.emit("Cast", [op.emit("Shape", [op.input(0)])], { to: ONNX_TYPES.int32 }, "int32"),
  Reshape: (op) => op.emit("Reshape", [op.input(0), op.asInt64(op.input(1))]),
  Transpose: (op) => op.emit("Transpose", [op.input(0)], { perm: op.numbers(1) }),
  ExpandDims: (op) => unsqueezed(op, op.input(0), op.numbers(1)),
  Squeeze: (op) => {
    const sides = [...op.ints("squeeze_dims"), ...op.ints("axis")];
    return op.emit("Squeeze", [op.input(0), ...(sides.length > 0 ? [op.int64(sides)] : [])]);
  },
  Pack: (op) => {
    const axis = op.int("axis", 0);
    return op.emit("Concat", op.inputs.map((value) => unsqueezed(op, value, [axis])), { axis });
  },
  Unpack: (op) => {
    const axis = op.int("axis", 0);
    const index = (i: number) => op.emit("Gather", [op.input(0), op.int64([i], [])], { axis });
    return Array.from({ length: op.int("num", 1) }, (_, i) => index(i));
  },
  ConcatV2: (op) => {
    const [axis = 0] = op.numbers(op.inputs.length - 1);
    return op.emit("Concat", op.inputs.slice(0, -1), { axis });
  },
  Split: (op) => {
    const [axis = 0] = op.numbers(0);
    return split(op, op.input(1), axis, op.int("num_split", 1));
  },
  SplitV: (op) => {
    const [axis = 0] = op.numbers(2);
    return split(op, op.input(0), axis, op.numbers(1).length, op.asInt64(op.input(1)));
  },
  StridedSlice: stridedSlice,
  Slice: (op) => {
    const [begins, sizes] = [op.numbers(1), op.numbers(2)];
    const ends = begins.map((begin, i) => sizes[i] === -1 ? TO_END : begin + (sizes[i] ?? 0));
    return op.emit("Slice", [op.input(0), op.int64(begins), op.int64(ends), op.int64([...begins.keys()])]);
  },
  GatherV2: (op) => {
    if (op.int("batch_dims", 0) !== 0) throw op.refusal("has batch_dims");
    const [axis = 0] = op.numbers(2);
    return op.emit("Gather", [op.input(0), op.input(1)], { axis });
  },
  Range: (op) => op.emit("Range", op.inputs),
  BroadcastTo: (op) => op.emit("Expand", [op.input(0), op.asInt64(op.input(1))]),
  Tile: (op) => op.emit("Tile", [op.input(0), op.asInt64(op.input(1))]),
  Fill: (op) => op.emit("Expand", [op.input(1), op.asInt64(op.input(0))], {}, op.input(1).type),
  ZerosLike: (op) => op.emit("Sub", [op.input(0), op.input(0)]),
  Pad: (op) => padded(op, "constant"),
  PadV2: (op) => padded(op, "constant"),
  MirrorPad: (op) => {
    if (op.text("mode", "REFLECT") !== "REFLECT") throw op.refusal("repeats the edge");
    return padded(op, "reflect");
  },
  Sum: reduce("ReduceSum"),
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Prod: reduce("ReduceProd"),
};

function unsqueezed(op: Operation, value: Value, sides: readonly number[]): Value {
  return op.emit("Unsqueeze", [value, op.int64(sides)]);
}

function split(op: Operation, value: Value, axis: number, parts: number, sizes?: string): Value[] {
  const names = op.graph.nodes("Split", [value.name, ...(sizes ? [sizes] : [])], { axis }, parts);
  return names.map((name) => ({ name, type: value.type }));
}

/** In opset 17 the sum takes its sides as an input, the others as an attribute. */
function reduce(opType: string): Translate {
  return (op) => {
    const axes = op.numbers(1);
    const keepdims = op.flag("keep_dims") ? 1 : 0;
    return opType === "ReduceSum"
      ? op.emit(opType, [op.input(0), op.int64(axes)], { keepdims })
      : op.emit(opType, [op.input(0)], { axes, keepdims });
  };
}

/** @param mode ONNX's. */
function padded(op: Operation, mode: string): Value {
  const amounts = op.numbers(1); // before and after, side by side
  const pads = [0, 1].flatMap((end) => amounts.filter((_, i) => i % 2 === end));
  const value = op.inputs.length > 2 && mode === "constant" ? [op.input(2)] : [];
  return op.emit("Pad", [op.input(0), op.int64(pads), ...value], { mode });
}

function stridedSlice(op: Operation): Value {
  const [x, begin, end] = [op.input(0), op.input(1), op.input(2)];
  const strides = op.numbers(3);
  const bit = (name: string, i: number) => (op.int(name, 0) >> i & 1) === 1;
  if (op.int("ellipsis_mask", 0) !== 0) throw op.refusal("leaves sides out in the middle");
  const entries = [...strides.keys()];
  const added = entries.filter((i) => bit("new_axis_mask", i));
  const sides = entries.filter((i) => !added.includes(i));
  const dropped = sides.filter((i) => bit("shrink_axis_mask", i));
  // Each entry's place among the sides that x has.
  const place = (i: number) => sides.indexOf(i);
  const isPlain = dropped.length === 0 && sides.every((i) => !bit("begin_mask", i) && !bit("end_mask", i));
  let [starts, ends]: [string, string] = ["", ""];
  if (begin.constant && end.constant) {
    const [from, to] = [op.numbers(1), op.numbers(2)];
    const isBackwards = (i: number) => (strides[i] ?? 1) < 0;
    starts = op.int64(sides.map((i) => bit("begin_mask", i) ? (isBackwards(i) ? TO_END : 0) : from[i] ?? 0));
    ends = op.int64(sides.map((i) => {
      const first = from[i] ?? 0;
      if (dropped.includes(i)) return first === -1 ? TO_END : first + 1;
      return bit("end_mask", i) ? (isBackwards(i) ? -TO_END : TO_END) : to[i] ?? 0;
    }));
  } else if (isPlain && added.length === 0) {
    [starts, ends] = [op.asInt64(begin), op.asInt64(end)];
  } else throw op.refusal("has an input that depends on the picture");
  const steps = sides.map((i) => dropped.includes(i) ? 1 : strides[i] ?? 1);
  let value = op.emit("Slice", [x, starts, ends, op.int64(sides.map(place)), op.int64(steps)]);
  if (dropped.length > 0) value = op.emit("Squeeze", [value, op.int64(dropped.map(place))]);
  if (added.length === 0) return value;
  const kept = entries.filter((i) => !dropped.includes(i));
  return unsqueezed(op, value, added.map((i) => kept.indexOf(i)));
}
