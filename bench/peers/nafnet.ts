import { PeerGraph, type PeerValue } from "./peer_graph.ts";

/** NAFNet's configuration, by its names. */
export interface NafnetConfig {
  readonly width: number;
  readonly encoderBlocks: readonly number[];
  readonly middleBlocks: number;
  readonly decoderBlocks: readonly number[];
}

/** NAFNet-32 for GoPro, as published (Chen et al., ECCV 2022; options/test/GoPro/NAFNet-width32.yml). */
export const NAFNET_32: NafnetConfig = {
  width: 32,
  encoderBlocks: [1, 1, 1, 28],
  middleBlocks: 1,
  decoderBlocks: [1, 1, 1, 1],
};

/** A network in the shape of NAFNet with random weights, for speed only: [1, 3, height, width] in multiples of 16. */
export function nafnetGraph({ width, encoderBlocks, middleBlocks, decoderBlocks }: NafnetConfig) {
  const g = new PeerGraph();
  let channels = width;
  let x = g.conv(g.picture, { inChannels: 3, outChannels: width, kernel: 3 });
  const skips: PeerValue[] = [];
  for (const blocks of encoderBlocks) {
    for (let i = 0; i < blocks; i++) x = block(g, x, channels);
    skips.push(x);
    x = g.conv(x, { inChannels: channels, outChannels: 2 * channels, kernel: 2, stride: 2 });
    channels *= 2;
  }
  for (let i = 0; i < middleBlocks; i++) x = block(g, x, channels);
  for (const blocks of decoderBlocks) {
    const wide = g.conv(x, { inChannels: channels, outChannels: 2 * channels, kernel: 1, hasBias: false });
    x = { ...g.node("DepthToSpace", [wide], { blocksize: 2, mode: "CRD" }), pitch: x.pitch / 2 };
    channels /= 2;
    const skip = skips.pop();
    if (skip) x = g.add(x, skip);
    for (let i = 0; i < blocks; i++) x = block(g, x, channels);
  }
  const residual = g.conv(x, { inChannels: width, outChannels: 3, kernel: 3 });
  // Of random weights the residual would be noise; its arithmetic is the same.
  const result = g.add(g.picture, g.mul(residual, g.number(1e-3)));
  const { macsPerPixel, parameters } = g;
  return { model: g.toModel("NAFNet", result), macsPerPixel, parameters };
}

function block(g: PeerGraph, input: PeerValue, channels: number): PeerValue {
  const wide = { inChannels: channels, outChannels: 2 * channels, kernel: 1 };
  const narrow = { inChannels: channels, outChannels: channels, kernel: 1 };
  let x = g.conv(layerNorm(g, input, channels), wide);
  x = g.conv(x, { inChannels: 2 * channels, outChannels: 2 * channels, kernel: 3, groups: 2 * channels });
  x = simpleGate(g, x, channels);
  const pooled = { ...g.node("GlobalAveragePool", [x]), pitch: Infinity }; // one sample, however large the picture
  x = g.conv(g.mul(x, g.conv(pooled, narrow)), narrow);
  const y = g.add(input, g.mul(x, g.weights([1, channels, 1, 1], 0.1)));
  const gated = simpleGate(g, g.conv(layerNorm(g, y, channels), wide), channels);
  return g.add(y, g.mul(g.conv(gated, narrow), g.weights([1, channels, 1, 1], 0.1)));
}

/** Over the channels of each pixel, as its export has it. */
function layerNorm(g: PeerGraph, x: PeerValue, channels: number): PeerValue {
  const mean = (value: PeerValue) => g.node("ReduceMean", [value], { axes: [1], keepdims: 1 });
  const centred = g.node("Sub", [x, mean(x)]);
  const variance = mean(g.mul(centred, centred));
  const deviation = g.node("Sqrt", [g.add(variance, g.number(1e-6))]);
  const normal = g.node("Div", [centred, deviation]);
  return g.add(g.mul(normal, g.weights([1, channels, 1, 1], 1)), g.weights([1, channels, 1, 1], 0.1));
}

/** The product of both halves of the channels. */
function simpleGate(g: PeerGraph, x: PeerValue, channels: number): PeerValue {
  const half = (begin: number) =>
    g.node("Slice", [x, g.int64([begin]), g.int64([begin + channels]), g.int64([1])]);
  return g.mul(half(0), half(channels));
}
