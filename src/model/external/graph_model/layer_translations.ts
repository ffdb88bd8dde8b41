import type { OnnxAttribute } from "../../onnx/onnx_graph.ts";
import { ELEMENTWISE } from "./elementwise_translations.ts";
import { Operation, type Translate, type Translations, type Value } from "./translation.ts";

/** Layers. TensorFlow's pictures are [batch, height, width, channels]. */
export const LAYERS: Translations = {
  Conv2D: conv,
  DepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: deconv,
  _FusedConv2D: fused(conv),
  FusedDepthwiseConv2dNative: fused(depthwise),
  MatMul: matMul,
  _FusedMatMul: fused(matMul),
  BatchMatMulV2: (op) => {
    if (op.flag("adj_x") || op.flag("adj_y")) throw op.refusal("turns a matrix");
    return op.emit("MatMul", op.inputs);
  },
  Einsum: einsum,
  Softmax: (op) => op.emit("Softmax", [op.input(0)], { axis: -1 }),
  MaxPool: pool("MaxPool"),
  AvgPool: pool("AveragePool"),
  DepthToSpace: (op) =>
    inPlanes(op, (x) => op.emit("DepthToSpace", [x], { blocksize: op.int("block_size", 2), mode: "DCR" })),
  ResizeBilinear: (op) => resized(op, { mode: "linear" }),
  ResizeNearestNeighbor: (op) => {
    const isCentred = op.flag("half_pixel_centers") || op.flag("align_corners");
    return resized(op, { mode: "nearest", nearest_mode: isCentred ? "round_prefer_ceil" : "floor" });
  },
};

/** Works on [batch, channels, height, width], as ONNX's layers do. */
function inPlanes(op: Operation, work: (planes: Value) => Value, x = op.input(0)): Value {
  const planes = op.emit("Transpose", [x], { perm: [0, 3, 1, 2] });
  return op.emit("Transpose", [work(planes)], { perm: [0, 2, 3, 1] });
}

function conv(op: Operation): Value {
  const kernel = op.emit("Transpose", [op.input(1)], { perm: [3, 2, 0, 1] });
  return inPlanes(op, (x) => op.emit("Conv", [x, kernel], geometry(op)));
}

function depthwise(op: Operation): Value {
  const [height = 1, width = 1, channels = 1, times = 1] = kernelShape(op);
  const perChannel = op.emit("Transpose", [op.input(1)], { perm: [2, 3, 0, 1] });
  const kernel = op.emit("Reshape", [perChannel, op.int64([channels * times, 1, height, width])]);
  return inPlanes(op, (x) => op.emit("Conv", [x, kernel], { ...geometry(op), group: channels }));
}

/** The output is `stride` times larger where it pads; the size that the node names says the same. */
function deconv(op: Operation): Value {
  const [height = 1, width = 1] = kernelShape(op);
  const strides = op.ints("strides").slice(1, 3);
  const isSame = op.text("padding", "SAME") === "SAME";
  const total = [height, width].map((side, i) => isSame ? Math.max(0, side - (strides[i] ?? 1)) : 0);
  const before = total.map((pad) => Math.floor(pad / 2));
  const missing = [height, width].map((side, i) => Math.max(0, (strides[i] ?? 1) - side));
  const attributes = {
    strides,
    pads: [...before, ...total.map((pad, i) => pad - (before[i] ?? 0))],
    output_padding: missing,
  };
  const kernel = op.emit("Transpose", [op.input(1)], { perm: [3, 2, 0, 1] });
  return inPlanes(op, (x) => op.emit("ConvTranspose", [x, kernel], attributes), op.input(2));
}

function kernelShape(op: Operation): readonly number[] {
  const { constant } = op.input(1);
  if (constant === undefined) throw op.refusal("has a kernel that is no constant");
  return constant.shape;
}

function geometry(op: Operation): Record<string, OnnxAttribute> {
  const strides = op.ints("strides").slice(1, 3);
  const dilations = op.ints("dilations").slice(1, 3);
  const isDilated = dilations.some((step) => step !== 1);
  const isSame = op.text("padding", "SAME") === "SAME";
  if (op.text("padding", "SAME") === "EXPLICIT") throw op.refusal("has paddings of its own");
  if (op.text("data_format", "NHWC") !== "NHWC") throw op.refusal("has channels before height and width");
  const steps = { strides, ...(isDilated && { dilations }) };
  if (!isSame) return steps;
  if (!isDilated) return { ...steps, auto_pad: "SAME_UPPER" };
  // Runtimes do not pad dilated kernels themselves. With a stride of 1 it depends on no size.
  if (strides.some((step) => step !== 1)) throw op.refusal("is dilated and has a stride");
  const total = kernelShape(op).slice(0, 2).map((side, i) => (dilations[i] ?? 1) * (side - 1));
  const before = total.map((pad) => Math.floor(pad / 2));
  return { ...steps, pads: [...before, ...total.map((pad, i) => pad - (before[i] ?? 0))] };
}

/** A layer with what follows it: bias and activation. */
function fused(layer: Translate): Translate {
  return (op) => {
    let value = one(layer(op));
    let next = 2;
    for (const name of op.texts("fused_ops")) {
      const inputs = [value, ...(name === "BiasAdd" || name === "Prelu" ? [op.input(next++)] : [])];
      const attributes = { alpha: op.node.attributes["leakyrelu_alpha"] ?? {} };
      const translate = ELEMENTWISE[name];
      if (translate === undefined) throw op.refusal(`is followed by ${name}`);
      value = one(translate(new Operation({ ...op.node, op: name, attributes }, inputs, op.graph)));
    }
    return value;
  };
  function one(made: ReturnType<Translate>): Value {
    if ("name" in made) return made;
    throw new TypeError("Cannot go on with several values where one is expected");
  }
}

function matMul(op: Operation): Value {
  const turned = (i: number, flag: string) =>
    op.flag(flag) ? op.emit("Transpose", [op.input(i)], { perm: [1, 0] }) : op.input(i);
  return op.emit("MatMul", [turned(0, "transpose_a"), turned(1, "transpose_b")]);
}

/** A sum over the last side of the first and the first of the second is a matrix product, for which runtimes are fastest. */
function einsum(op: Operation): Value {
  const equation = op.text("equation", "");
  const [, left, summed, again, right, kept, last] = /^(\w*)(\w),(\w)(\w)->(\w*)(\w)$/.exec(equation) ?? [];
  const isProduct = left !== undefined && left === kept && summed === again && right === last;
  return isProduct ? op.emit("MatMul", op.inputs) : op.emit("Einsum", op.inputs, { equation });
}

function pool(opType: string): Translate {
  return (op) => {
    const attributes = {
      kernel_shape: op.ints("ksize").slice(1, 3),
      strides: op.ints("strides").slice(1, 3),
      ...(op.text("padding", "SAME") === "SAME" && { auto_pad: "SAME_UPPER" }),
    };
    return inPlanes(op, (x) => op.emit(opType, [x], attributes));
  };
}

function resized(op: Operation, attributes: Record<string, OnnxAttribute>): Value {
  const coordinates = op.flag("align_corners")
    ? "align_corners"
    : op.flag("half_pixel_centers")
    ? "half_pixel"
    : "asymmetric";
  return inPlanes(op, (x) => {
    const shape = op.graph.node("Shape", [x.name], { start: 0, end: 2 });
    const sizes = op.graph.node("Concat", [shape, op.asInt64(op.input(1))], { axis: 0 });
    return op.emit("Resize", [x, "", "", sizes], {
      ...attributes,
      coordinate_transformation_mode: coordinates,
    });
  });
}
