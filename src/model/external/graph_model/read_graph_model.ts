import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../../errors.ts";
import { UnfitGraphError } from "../unfit_graph_error.ts";
import type { Constant, GraphModel, ValueType } from "./graph_model.ts";
import { translateGraph } from "./translate_graph.ts";

const QUANTIZATION = v.object({
  dtype: v.string(),
  scale: v.optional(v.number()),
  min: v.optional(v.number()),
});
const WEIGHT = v.object({
  name: v.string(),
  shape: v.array(v.number()),
  dtype: v.string(),
  quantization: v.optional(QUANTIZATION),
});
const NODE = v.object({
  name: v.string(),
  op: v.string(),
  input: v.optional(v.array(v.string())),
  attr: v.optional(v.record(v.string(), v.unknown())),
});
const MODEL = v.object({
  modelTopology: v.object({ node: v.array(NODE) }),
  weightsManifest: v.array(v.object({ paths: v.array(v.string()), weights: v.array(WEIGHT) })),
  signature: v.optional(
    v.object({ outputs: v.optional(v.record(v.string(), v.object({ name: v.string() }))) }),
  ),
});

type WeightSpec = v.InferOutput<typeof WEIGHT>;

/**
 * Operations from which on a graph is translated for one size. Most of so many compute sizes: of MAXIM's 43000 a third is left, and
 * ONNX Runtime starts them in half a minute instead of six.
 */
const MANY_OPERATIONS = 5000;

/**
 * Reads a TensorFlow.js graph model and translates it to ONNX.
 *
 * @param file Its `model.json`; the files of its weights lie beside it.
 * @param tile Side in pixels of the pictures that a graph of very many operations will take.
 * @returns The bytes of an ONNX file.
 * @throws {UnfitGraphError} if it is damaged, or has what cannot be translated.
 */
export async function readGraphModel(file: string, tile: number): Promise<Uint8Array<ArrayBuffer>> {
  const model = await parseGraphModel(file);
  const isLarge = model.nodes.length > MANY_OPERATIONS;
  return translateGraph(model, isLarge ? { size: { width: tile, height: tile } } : {});
}

/** @throws {UnfitGraphError} if it is damaged or of another kind. */
export async function parseGraphModel(file: string): Promise<GraphModel> {
  const json = await readJson(file);
  if (typeof json === "object" && json !== null && "format" in json && json.format !== "graph-model") {
    throw new UnfitGraphError(
      `model.json has a model of format "${json.format}". Convert it with tensorflowjs_converter --output_format tfjs_graph_model`,
    );
  }
  const parsed = v.safeParse(MODEL, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UnfitGraphError(
      `model.json is no graph model: ${v.getDotPath(issue) ?? "it"} is wrong (${issue.message})`,
    );
  }
  const { modelTopology, weightsManifest, signature } = parsed.output;
  const weights = new Map<string, Constant>();
  for (const { paths, weights: specs } of weightsManifest) {
    const bytes = await readShards(dirname(file), paths);
    for (const [name, constant] of cutWeights(bytes, specs)) weights.set(name, constant);
  }
  return {
    nodes: modelTopology.node.map(({ name, op, input = [], attr = {} }) => ({
      name,
      op,
      inputs: input.filter((other) => !other.startsWith("^")), // those only say what is to be computed before
      attributes: attr,
    })),
    weights,
    outputs: Object.values(signature?.outputs ?? {}).map(({ name }) => name),
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new UnfitGraphError(`model.json cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function readShards(folder: string, paths: readonly string[]): Promise<Uint8Array> {
  const shards = await Promise.all(paths.map((path) =>
    readFile(join(folder, path)).catch((cause) => {
      throw new UnfitGraphError(`its weights cannot be read: ${messageOf(cause)}`, { cause });
    })
  ));
  const bytes = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const shard of shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  return bytes;
}

function* cutWeights(bytes: Uint8Array, specs: readonly WeightSpec[]): Iterable<[string, Constant]> {
  let at = 0;
  for (const { name, shape, dtype, quantization } of specs) {
    const count = shape.reduce((product, side) => product * side, 1);
    const stored = READERS[quantization?.dtype ?? dtype];
    const type = TYPES[dtype];
    if (stored === undefined || type === undefined) {
      throw new UnfitGraphError(`Its weights "${name}" are of type ${dtype}, which is not read here`);
    }
    const length = count * stored.bytes;
    if (at + length > bytes.length) throw new UnfitGraphError(`Its files end before the weights "${name}"`);
    const raw = stored.read(bytes.slice(at, at + length).buffer);
    at += length;
    const { scale = 1, min = 0 } = quantization ?? {};
    const values = quantization === undefined ? raw : raw.map((value) => scale * value + min);
    yield [name, { type, shape, data: BUFFERS[type](values) }];
  }
}

const TYPES: Readonly<Record<string, ValueType>> = { float32: "float", int32: "int32", bool: "bool" };

const BUFFERS: Readonly<Record<ValueType, (values: number[]) => Constant["data"]>> = {
  float: (values) => Float32Array.from(values),
  int32: (values) => Int32Array.from(values),
  bool: (values) => Uint8Array.from(values),
};

const READERS: Readonly<Record<string, { bytes: number; read: (bytes: ArrayBuffer) => number[] }>> = {
  float32: { bytes: 4, read: (bytes) => Array.from(new Float32Array(bytes)) },
  float16: { bytes: 2, read: (bytes) => Array.from(new Float16Array(bytes)) },
  int32: { bytes: 4, read: (bytes) => Array.from(new Int32Array(bytes)) },
  uint16: { bytes: 2, read: (bytes) => Array.from(new Uint16Array(bytes)) },
  uint8: { bytes: 1, read: (bytes) => Array.from(new Uint8Array(bytes)) },
  bool: { bytes: 1, read: (bytes) => Array.from(new Uint8Array(bytes)) },
};
