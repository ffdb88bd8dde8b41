import { FLOW_CELL, type NetworkConfig, sizeMultiple } from "./config.ts";
import { mtdn } from "./network.ts";
import type { Ops } from "./ops.ts";

/** One value that the network computes; its place in {@linkcode Trace.values} is the order of computing. */
export interface TracedValue {
  readonly channels: number;
  /** Side of one sample, in pixels of the full-size picture. */
  readonly pitch: number;
  /** How far beyond the sample itself, in pixels of the full-size picture, the picture can matter to it. */
  readonly reach: number;
  /** Place of the last value computed from this one; `Infinity` for the outputs at full size. */
  readonly lastUse: number;
}

/** The network, run over the questions that planning asks. */
export interface Trace {
  /** Every value: the blurry picture first, then picture and flow of each neighbour, then what is computed. */
  readonly values: readonly TracedValue[];
  /** Pixels beyond which nothing changes a restored pixel: the receptive field's radius over all scales. */
  readonly reach: number;
  /** Memory of the values alive at once, bytes for each pixel of the full-size picture. */
  readonly bytesPerPixel: number;
}

/** Follows every value of the network: where it is last used, what it sees, and what that costs in memory. */
export function traceNetwork(config: NetworkConfig): Trace {
  const values: { channels: number; pitch: number; reach: number; lastUse: number }[] = [];
  type Value = (typeof values)[number];
  const value = (from: readonly Value[], channels: number, pitch: number, further: number): Value => {
    for (const used of from) used.lastUse = values.length;
    const reach = further + Math.max(0, ...from.map((used) => used.reach));
    const made = { channels, pitch, reach, lastUse: values.length };
    values.push(made);
    return made;
  };
  const ops: Ops<Value> = {
    conv: (x, _, { kernel, stride, outChannels }) =>
      value([x], outChannels, x.pitch * stride, x.pitch * Math.ceil(Math.max(0, kernel - stride) / 2)),
    deconv: (x, _, { stride, outChannels }) => value([x], outChannels, x.pitch / stride, 2 * x.pitch),
    relu: (x) => value([x], x.channels, x.pitch, 0),
    add: (a, b) => value([a, b], a.channels, a.pitch, 0),
    scale: (x) => value([x], x.channels, x.pitch, 0),
    concat(parts) {
      const channels = parts.reduce((sum, part) => sum + part.channels, 0);
      return value(parts, channels, parts[0]?.pitch ?? 1, 0);
    },
    halve: (x) => value([x], x.channels, 2 * x.pitch, 0),
    enlarge: (x, times) => value([x], x.channels, x.pitch / times, 1.5 * x.pitch),
  };
  const blurry = value([], 3, 1, 0);
  const neighbours = Array.from({ length: config.frames - 1 }, () => ({
    moved: value([], 3, 1, 0),
    flow: value([], 2, FLOW_CELL, 0),
  }));
  const finest = mtdn(ops, config, blurry, neighbours).at(-1);
  const outputs = [finest?.image, finest?.up, finest?.down].filter((output) => output !== undefined);
  for (const output of outputs) output.lastUse = Infinity;
  const reach = Math.max(...outputs.map((output) => output.reach));
  const multiple = sizeMultiple(config);
  return { values, reach: Math.ceil(reach / multiple) * multiple, bytesPerPixel: peak(values) };
}

/** Most bytes alive at once, while values are freed as soon as nothing needs them. */
function peak(values: readonly TracedValue[]): number {
  const bytes = ({ channels, pitch }: TracedValue) => 4 * channels / pitch ** 2;
  let [alive, most] = [0, 0];
  values.forEach((value, step) => {
    alive += bytes(value);
    most = Math.max(most, alive);
    for (const used of values.slice(0, step + 1)) if (used.lastUse === step) alive -= bytes(used);
  });
  return most;
}
