import { FLOW_CELL, type NetworkConfig } from "./config.ts";
import type { Ops } from "./ops.ts";

/** The three pictures of one scale (eq. 1): `image` = `up` + `down`. A one-way network has no `down`. */
export interface ScaleOutput<T> {
  /** B, reduced to this scale. */
  readonly blurry: T;
  /** I: the restored picture. */
  readonly image: T;
  /** I_up: large structures, from the decoder with encoder skips. */
  readonly up: T;
  /** I_down: what is added to it, signed. */
  readonly down?: T;
}

/** The frame before or after, moved onto this one: what the network sees of it. A missing one is B itself, without motion. */
export interface Neighbour<T> {
  /** The neighbouring frame, each pixel taken from where it has moved to: values 0 … 1, three channels, the size of B. */
  readonly moved: T;
  /** How far: two channels (right, down) in pixels, one vector a cell of `FLOW_CELL` × `FLOW_CELL` pixels. */
  readonly flow: T;
}

/**
 * The multi-scale two-way deblurring network (Fig. 1 of the paper), over any interpreter of {@linkcode Ops}. A network of
 * three frames also takes, at every scale, what the frames before and after show differently once moved onto this one, and
 * how far they were moved: our addition to the paper's input.
 *
 * @param blurry B at full size: values 0 … 1, three channels, sides divisible by `sizeMultiple(config)`.
 * @param neighbours The frame before and the one after, for a network of three frames.
 * @returns The outputs of every scale, coarsest first, as eq. 2 counts them.
 */
export function mtdn<T>(
  ops: Ops<T>,
  config: NetworkConfig,
  blurry: T,
  neighbours: readonly Neighbour<T>[] = [],
): ScaleOutput<T>[] {
  if (neighbours.length !== config.frames - 1) {
    throw new RangeError(`A network of ${config.frames} frames cannot take ${neighbours.length} neighbours`);
  }
  const pyramid = [{ blurry, motions: neighbours.map((neighbour) => motionFrom(ops, blurry, neighbour)) }];
  for (let level = pyramid[0]; level && pyramid.length < config.scales; level = pyramid.at(-1)) {
    pyramid.push({ blurry: ops.halve(level.blurry), motions: level.motions.map((m) => halveMotion(ops, m)) });
  }
  const outputs: ScaleOutput<T>[] = [];
  for (const { blurry, motions } of pyramid.reverse()) {
    const coarser = outputs.at(-1)?.image;
    const guess = coarser === undefined ? blurry : ops.enlarge(coarser, 2);
    const seen = [blurry, guess, ...motions.flatMap(({ difference, flow }) => [difference, flow])];
    outputs.push({ blurry, ...net(ops, config, blurry, ops.concat(seen)) });
  }
  return outputs;
}

/** A neighbour as the network sees it: minus B, and its flow for every pixel, in units of {@linkcode FLOW_CELL} pixels. */
interface Motion<T> {
  readonly difference: T;
  readonly flow: T;
}

function motionFrom<T>(ops: Ops<T>, blurry: T, { moved, flow }: Neighbour<T>): Motion<T> {
  const difference = ops.add(moved, ops.scale(blurry, -1));
  return { difference, flow: ops.enlarge(ops.scale(flow, 1 / FLOW_CELL), FLOW_CELL) };
}

/** At half the size everything moves half as many pixels. */
function halveMotion<T>(ops: Ops<T>, { difference, flow }: Motion<T>): Motion<T> {
  return { difference: ops.halve(difference), flow: ops.scale(ops.halve(flow), 1 / 2) };
}

/** Channels of what the network sees: B, the coarser result, and of each neighbour its difference and its flow. */
function inputChannels({ frames }: NetworkConfig): number {
  return 3 + 3 + (frames - 1) * (3 + 2);
}

/** I, I_up, I_down = Net(B, coarser I; θ): eq. 1. */
function net<T>(ops: Ops<T>, config: NetworkConfig, blurry: T, seen: T) {
  const { channels, strides, twoWay, inputSkip } = config;
  const features: T[] = [];
  let x = seen;
  channels.forEach((outChannels, i) => {
    const [stride, inChannels] = [strides[i] ?? 1, channels[i - 1] ?? inputChannels(config)];
    x = ops.relu(
      ops.conv(x, `encoder.${i}.conv`, {
        inChannels,
        outChannels,
        kernel: Math.max(3, 2 * stride - 1),
        stride,
      }),
    );
    features.push(x = residualBlocks(ops, config, x, `encoder.${i}`, outChannels));
  });
  const content = decoder(ops, config, features, "up", true);
  const up = inputSkip ? ops.add(content, blurry) : content;
  if (!twoWay) return { image: up, up };
  const down = decoder(ops, config, features, "down", false);
  return { image: ops.add(up, down), up, down };
}

/** Encoder features back to a picture. *Up* inherits the encoder's feature maps by skips; *down* starts from its last only. */
function decoder<T>(
  ops: Ops<T>,
  config: NetworkConfig,
  features: readonly T[],
  name: string,
  skips: boolean,
): T {
  const { channels, strides } = config;
  let x = features.at(-1) as T;
  for (let i = channels.length - 1; i > 0; i--) {
    const [stride, inChannels, outChannels] = [strides[i] ?? 1, channels[i] ?? 0, channels[i - 1] ?? 0];
    x = ops.relu(
      ops.deconv(x, `${name}.${i}.deconv`, { inChannels, outChannels, kernel: 2 * stride, stride }),
    );
    if (skips) x = ops.add(x, features[i - 1] as T);
    x = residualBlocks(ops, config, x, `${name}.${i}`, outChannels);
  }
  const last = { inChannels: channels[0] ?? 0, outChannels: 3, stride: strides[0] ?? 1 };
  return last.stride === 1
    ? ops.conv(x, `${name}.0.conv`, { ...last, kernel: 3 })
    : ops.deconv(x, `${name}.0.deconv`, { ...last, kernel: 2 * last.stride });
}

/** x + conv(relu(conv(x))), several times. */
function residualBlocks<T>(ops: Ops<T>, config: NetworkConfig, x: T, name: string, channels: number): T {
  const spec = { inChannels: channels, outChannels: channels, kernel: 3, stride: 1 };
  for (let i = 0; i < config.residualBlocks; i++) {
    const inner = ops.relu(ops.conv(x, `${name}.residual.${i}.first`, spec));
    x = ops.add(x, ops.conv(inner, `${name}.residual.${i}.second`, spec));
  }
  return x;
}
