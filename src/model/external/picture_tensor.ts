import { blankPicture } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import type { ChannelOrder } from "./external_network.ts";
import { blankSamples, type GraphTensor, type Samples, type SampleType } from "./graph_session.ts";

/** Order of a tensor's sides: channels before or after height and width. */
export type Layout = "NCHW" | "NHWC";

/** Values that stand for black and white. */
export interface ValueRange {
  readonly black: number;
  readonly white: number;
}

/** How pictures lie in a graph's input. */
export interface InputForm {
  readonly type: SampleType;
  readonly layout: Layout;
  readonly range: ValueRange;
  readonly order: ChannelOrder;
  /** Whether frames have a side of their own, before the channels: [1, frames, 3, height, width]. */
  readonly hasFrameSide: boolean;
}

/** Where a picture lies in a graph's output. */
export interface OutputForm {
  readonly layout: Layout;
  readonly range: ValueRange;
  readonly order: ChannelOrder;
  /** Channels of the output: 3, or 3 for each frame, of which the middle one is taken. */
  readonly channels: number;
}

/** Several pictures of one size, behind each other, as a tensor of a batch of one. */
export function toTensor(pictures: readonly Picture[], form: InputForm): GraphTensor {
  const { type, layout, hasFrameSide } = form;
  const [{ width, height } = { width: 0, height: 0 }] = pictures;
  const channels = 3 * pictures.length;
  const data = blankSamples(type, channels * width * height);
  pictures.forEach((picture, frame) => fill(data, picture, { ...form, frame, channels }));
  const sides = layout === "NCHW" ? [channels, height, width] : [height, width, channels];
  return { type, dims: hasFrameSide ? [1, pictures.length, 3, height, width] : [1, ...sides], data };
}

function fill(
  to: Samples,
  { data, width, height }: Picture,
  { layout, range, order, frame, channels }: InputForm & { frame: number; channels: number },
): void {
  const scale = (range.white - range.black) / mostOf(data);
  const pixels = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const place = 3 * frame + (order === "rgb" ? channel : 2 - channel);
    const step = layout === "NCHW" ? 1 : channels;
    let at = layout === "NCHW" ? place * pixels : place;
    for (let from = channel; from < data.length; from += 3, at += step) {
      to[at] = range.black + scale * (data[from] as number);
    }
  }
}

/**
 * The picture in a tensor, of the size and depth of `like`; clamped, rounded to the nearest.
 *
 * @throws {Error} if it has values that are no numbers.
 */
export function toPicture(
  { data }: GraphTensor,
  { layout, range, order, channels }: OutputForm,
  like: Picture,
): Picture {
  const { width, height } = like;
  const picture = blankPicture(like, width, height);
  const most = mostOf(like.data);
  const scale = most / (range.white - range.black);
  const pixels = width * height;
  // Writing to it clamps and rounds to even, as the nodes of our own graphs do.
  const bytes = picture.data instanceof Uint8Array ? new Uint8ClampedArray(picture.data.buffer) : undefined;
  const middle = 3 * Math.floor(channels / 6);
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const place = middle + (order === "rgb" ? channel : 2 - channel);
    const step = layout === "NCHW" ? 1 : channels;
    let from = layout === "NCHW" ? place * pixels : place;
    for (let at = channel; at < picture.data.length; at += 3, from += step) {
      const value = ((data[from] as number) - range.black) * scale;
      sum += value;
      if (bytes) bytes[at] = value;
      else picture.data[at] = Math.round(Math.min(most, Math.max(0, value)));
    }
  }
  if (!Number.isFinite(sum)) {
    throw new Error("the network's output has values that are no numbers (NaN or infinite)");
  }
  return picture;
}

function mostOf(data: Picture["data"]): number {
  return data instanceof Uint16Array ? 65535 : 255;
}
