import ort, { type InferenceSession } from "onnxruntime-node";
import { mtdn } from "../../network/network.ts";
import type { NetworkInput } from "../../restore/network_input.ts";
import type { Calibration } from "../../weights/calibration.ts";
import type { Weights } from "../../weights/weights.ts";
import { exportOnnx, NEIGHBOURS } from "../export_onnx.ts";
import { onnxFeeds } from "../onnx_feeds.ts";
import { ONNX_TYPES, OnnxGraph } from "../onnx_graph.ts";
import { onnxOps } from "../onnx_ops.ts";
import { clippingRange } from "./clipping_range.ts";
import { exportInt8 } from "./export_int8.ts";
import { Histogram } from "./histogram.ts";
import type { Range } from "./quantized_value.ts";
import { recordedOps } from "./recorded_ops.ts";

/** Digits of a range that are kept. */
const DIGITS = 4;

/** A network to calibrate. */
type Network = Pick<Weights, "config" | "tensors" | "sha256">;

/**
 * Finds the ranges in which a network's values lie on real pictures, and what rounding them to bytes adds to the mean of its results.
 *
 * @param inputs Pictures unlike each other, not too large: every value of the network is looked at.
 */
export async function calibrateNetwork(
  network: Network,
  inputs: readonly NetworkInput[],
): Promise<Omit<Calibration, "loss">> {
  const { model, closer } = exportValues(network);
  await using watched = await open(model);
  const names = watched.session.outputNames;
  const values = names.map(() => new Histogram());
  const channels: Record<number, Range[]> = {};
  for (const input of inputs) {
    const { detail: _, ...feeds } = onnxFeeds(ort, input, 1);
    const results = await watched.session.run(feeds);
    for (const [i, name] of names.entries()) {
      const { data, dims: [, count = 0] = [] } = results[name] ?? {};
      if (!(data instanceof Float32Array)) throw new TypeError(`ONNX Runtime gave no floats as "${name}"`);
      values[i]?.add(data);
      if (closer.has(i)) channels[i] = channelRanges(data, count, channels[i]);
    }
  }
  const ranges = values.map((numbers) => shortened(clippingRange(numbers)));
  const rounded = { ranges, channels: mapValues(channels, (all) => all.map(shortened)) };
  return { weights: network.sha256, ...rounded, shift: await meanChange(network, rounded, inputs) };
}

/** Smallest and largest number of each channel, and 0. @param before Those of other pictures. */
function channelRanges(planes: Float32Array, channels: number, before?: readonly Range[]): Range[] {
  const size = planes.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    let [least, most] = before?.[channel] ?? [0, 0];
    for (const number of planes.subarray(channel * size, (channel + 1) * size)) {
      if (number < least) least = number;
      else if (number > most) most = number;
    }
    return [least, most];
  });
}

function mapValues<A, B>(record: Readonly<Record<number, A>>, change: (value: A) => B): Record<number, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function shortened([least, most]: Range): Range {
  return [Number(least.toPrecision(DIGITS)), Number(most.toPrecision(DIGITS))];
}

/**
 * A graph whose outputs are all values of the network, in the order of computing.
 *
 * @returns Also the places of those that are looked at closer.
 */
function exportValues({ config, tensors }: Network): { model: Uint8Array; closer: ReadonlySet<number> } {
  const graph = new OnnxGraph();
  const white = graph.scalar(255);
  const planes = (value: string) => graph.node("Transpose", [value], { perm: [0, 3, 1, 2] });
  const picture = (name: string) => {
    const bytes = planes(graph.input(name, "uint8", [1, "height", "width", 3]));
    return graph.node("Div", [graph.node("Cast", [bytes], { to: ONNX_TYPES.float }), white]);
  };
  const blurry = picture("picture");
  const neighbours = NEIGHBOURS.slice(0, config.frames - 1).map((names) => ({
    moved: picture(names.picture),
    flow: planes(graph.input(names.flow, "float", [1, "rows", "columns", 2])),
  }));
  const values: string[] = [];
  const base = onnxOps(graph, tensors);
  const closer = new Set<number>();
  const recorded = recordedOps(base, (value) => {
    graph.output(`value ${values.length}`, value, "float", [1, "channels", "rows", "columns"]);
    values.push(value);
  });
  mtdn(
    {
      ...recorded,
      conv(x, layer, spec) {
        closer.add(values.length);
        return recorded.conv(x, layer, spec);
      },
      relu(x) {
        closer.delete(values.indexOf(x));
        return recorded.relu(x);
      },
    },
    config,
    blurry,
    neighbours,
  );
  return { model: graph.toModel("values"), closer };
}

/** Mean of what rounding takes from red, green and blue. */
async function meanChange(
  network: Network,
  rounding: Pick<Calibration, "ranges" | "channels">,
  inputs: readonly NetworkInput[],
): Promise<number[]> {
  await using exact = await open(exportOnnx(network));
  await using rounded = await open(exportInt8(network, { ...rounding, shift: [0, 0, 0] }));
  const sums = [0, 0, 0];
  let pixels = 0;
  for (const input of inputs) {
    const feeds = onnxFeeds(ort, input, 1);
    const [a, b] = [
      (await exact.session.run(feeds)).image?.data,
      (await rounded.session.run(feeds)).image?.data,
    ];
    if (!(a instanceof Uint8Array && b instanceof Uint8Array)) {
      throw new TypeError("ONNX Runtime gave no bytes");
    }
    a.forEach((sample, i) => sums[i % 3] = (sums[i % 3] ?? 0) + sample - (b[i] ?? 0));
    pixels += a.length / 3;
  }
  return sums.map((sum) => Number((sum / pixels / 255).toPrecision(DIGITS)));
}

async function open(model: Uint8Array): Promise<AsyncDisposable & { readonly session: InferenceSession }> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  return { session, [Symbol.asyncDispose]: () => session.release() };
}
