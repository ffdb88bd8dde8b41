import type { NetworkConfig } from "./config.ts";
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

/**
 * The multi-scale two-way deblurring network (Fig. 1 of the paper), over any interpreter of {@linkcode Ops}.
 *
 * @param blurry B at full size: values 0 … 1, three channels, sides divisible by `sizeMultiple(config)`.
 * @returns The outputs of every scale, coarsest first, as eq. 2 counts them.
 */
export function mtdn<T>(ops: Ops<T>, config: NetworkConfig, blurry: T): ScaleOutput<T>[] {
  const pyramid = [blurry];
  while (pyramid.length < config.scales) blurry = pyramid[pyramid.push(ops.halve(blurry)) - 1] as T;
  const outputs: ScaleOutput<T>[] = [];
  for (const picture of pyramid.reverse()) {
    const coarser = outputs.at(-1)?.image;
    const guess = coarser === undefined ? picture : ops.double(coarser);
    outputs.push({ blurry: picture, ...net(ops, config, picture, guess) });
  }
  return outputs;
}

/** I, I_up, I_down = Net(B, coarser I; θ): eq. 1. */
function net<T>(ops: Ops<T>, config: NetworkConfig, blurry: T, guess: T) {
  const { channels, strides, twoWay, inputSkip } = config;
  const features: T[] = [];
  let x = ops.concat(blurry, guess);
  channels.forEach((outChannels, i) => {
    const [stride, inChannels] = [strides[i] ?? 1, channels[i - 1] ?? 6];
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
