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
import type { Range } from "./quantized_value.ts";
import { recordedOps } from "./recorded_ops.ts";

/** Samples of each value that are kept of each picture. */
const SAMPLES = 4000;
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
  const values = new Map<string, ValueSamples>();
  await using watched = await open(exportValues(network));
  for (const input of inputs) {
    const results = await watched.session.run(valueFeeds(input));
    for (const name of watched.session.outputNames) {
      const { data } = results[name] ?? {};
      if (!(data instanceof Float32Array)) throw new TypeError(`ONNX Runtime gave no floats as "${name}"`);
      const samples = values.get(name) ?? new ValueSamples();
      samples.add(data);
      values.set(name, samples);
    }
  }
  const ranges = watched.session.outputNames.map((name) => values.get(name)?.range() ?? [0, 0]);
  const shift = await meanChange(network, ranges, inputs);
  return { weights: network.sha256, ranges, shift };
}

/** Smallest, largest, and some of the numbers that a value took. */
class ValueSamples {
  #whole: Range = [Infinity, -Infinity];
  readonly #samples: number[] = [];

  add(numbers: Float32Array): void {
    let [least, most] = this.#whole;
    for (const number of numbers) {
      if (number < least) least = number;
      if (number > most) most = number;
    }
    this.#whole = [least, most];
    const step = Math.max(1, Math.floor(numbers.length / SAMPLES)) | 1; // odd, so that it meets every channel
    for (let i = this.#samples.length % step; i < numbers.length; i += step) this.#samples.push(numbers[i] ?? 0);
  }

  range(): Range {
    const [least, most] = clippingRange(Float32Array.from(this.#samples), this.#whole);
    return [Number(least.toPrecision(DIGITS)), Number(most.toPrecision(DIGITS))];
  }
}

/** A graph whose outputs are all values of the network, in the order of computing. */
function exportValues({ config, tensors }: Network): Uint8Array {
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
  let count = 0;
  const ops = recordedOps(
    onnxOps(graph, tensors),
    (value) => graph.output(`value ${count++}`, value, "float", [1, "channels", "rows", "columns"]),
  );
  mtdn(ops, config, blurry, neighbours);
  return graph.toModel("values");
}

/** Mean of what rounding takes from red, green and blue. */
async function meanChange(network: Network, ranges: readonly Range[], inputs: readonly NetworkInput[]) {
  await using exact = await open(exportOnnx(network));
  await using rounded = await open(exportInt8(network, { ranges, shift: [0, 0, 0] }));
  const sums = [0, 0, 0];
  let pixels = 0;
  for (const input of inputs) {
    const feeds = onnxFeeds(ort, input, 1);
    const [a, b] = [(await exact.session.run(feeds)).image?.data, (await rounded.session.run(feeds)).image?.data];
    if (!(a instanceof Uint8Array && b instanceof Uint8Array)) throw new TypeError("ONNX Runtime gave no bytes");
    a.forEach((sample, i) => sums[i % 3] = (sums[i % 3] ?? 0) + sample - (b[i] ?? 0));
    pixels += a.length / 3;
  }
  return sums.map((sum) => Number((sum / pixels / 255).toPrecision(DIGITS)));
}

function valueFeeds(input: NetworkInput) {
  const { detail: _, ...feeds } = onnxFeeds(ort, input, 1);
  return feeds;
}

async function open(model: Uint8Array): Promise<AsyncDisposable & { readonly session: InferenceSession }> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  return { session, [Symbol.asyncDispose]: () => session.release() };
}
