import type * as tfjs from "@tensorflow/tfjs-core";
import { cropPicture } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import { blockFlow, flowPyramid } from "../../motion/block_flow.ts";
import { moveOnto } from "../../motion/move_onto.ts";
import { FLOW_CELL, type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import type { Neighbour } from "../../model/network/network.ts";
import type { TensorFlow } from "../../model/tfjs/tfjs_ops.ts";

/** A picture and its neighbouring frames, as the input of a network. */
export interface NetworkInput {
  readonly blurry: tfjs.Tensor4D;
  readonly neighbours: readonly Neighbour<tfjs.Tensor4D>[];
}

/** Values 0 … 1, `[1, height, width, 3]`. */
export function toTensor(tf: TensorFlow, { data, width, height }: Picture): tfjs.Tensor4D {
  return tf.tidy(() => tf.div(tf.tensor4d(new Float32Array(data), [1, height, width, 3]), 255));
}

/**
 * A picture with the previous and the next frame aligned to it, all of one size that is valid for the network. The caller disposes it.
 *
 * @param beside `undefined` if there is no such frame; frames of another size are ignored, and all of them by a network of one frame.
 */
export function networkInput(
  tf: TensorFlow,
  { frames }: NetworkConfig,
  picture: Picture,
  beside: readonly [previous: Picture | undefined, next: Picture | undefined],
): NetworkInput {
  const blurry = toTensor(tf, picture);
  if (frames === 1) return { blurry, neighbours: [] };
  const pyramid = flowPyramid(picture);
  const neighbours = beside.map((other): Neighbour<tfjs.Tensor4D> => {
    if (other?.width !== picture.width || other.height !== picture.height) {
      const shape = [1, picture.height / FLOW_CELL, picture.width / FLOW_CELL, 2] as const;
      return { moved: toTensor(tf, picture), flow: tf.zeros<tfjs.Rank.R4>([...shape]) };
    }
    const flow = blockFlow(pyramid, flowPyramid(other));
    return {
      moved: toTensor(tf, moveOnto(other, flow)),
      flow: tf.tensor4d(flow.vectors, [1, flow.rows, flow.columns, 2]),
    };
  });
  return { blurry, neighbours };
}

/** The largest middle part of a picture whose size is valid for the network. */
export function cutToMultiple(picture: Picture, network: NetworkConfig): Picture {
  const multiple = sizeMultiple(network);
  const [width, height] = [
    picture.width - picture.width % multiple,
    picture.height - picture.height % multiple,
  ];
  return cutMiddle(picture, { width, height });
}

/** The middle of a picture. */
export function cutMiddle(picture: Picture, { width, height }: { width: number; height: number }): Picture {
  const [x, y] = [(picture.width - width) >> 1, (picture.height - height) >> 1];
  return cropPicture(picture, { x, y, width, height });
}
