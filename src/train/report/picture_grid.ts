import type * as tfjs from "@tensorflow/tfjs-core";
import type { Picture } from "../../frame.ts";
import { type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import type { TensorFlow, WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { type PairFiles, readPair } from "../data/pair_files.ts";
import { restoreScale, toTensor } from "./validate.ts";

/** Pairs shown. */
const ROWS = 3;
/** Largest part of a picture shown, in pixels. */
const PART = { width: 256, height: 160 } as const;

/**
 * What a network does to a few pictures, one a row: blurry, down (0.5 is no change; grey for a one-way network), up, result, sharp.
 *
 * @param pairs Up to three of them, spread over the list, are shown: the middle of each, all cut to one size.
 */
export async function pictureGrid(
  tf: TensorFlow,
  network: NetworkConfig,
  weights: WeightTensors,
  pairs: readonly PairFiles[],
): Promise<Picture> {
  const rows = Math.min(ROWS, pairs.length);
  const shown = Array.from(
    { length: rows },
    (_, i) => pairs[Math.floor(i * pairs.length / rows)] as PairFiles,
  );
  const pictures = await Promise.all(shown.map(readPair));
  const multiple = sizeMultiple(network);
  const side = (key: "width" | "height") => {
    const most = Math.min(PART[key], ...pictures.map(({ sharp }) => sharp[key]));
    return most - most % multiple;
  };
  const size = { width: side("width"), height: side("height") };
  const grid = tf.tidy(() => {
    const lines = pictures.map(({ blurry, sharp }) => {
      const [input, target] = [blurry, sharp].map((picture) =>
        toTensor(tf, cutMiddle(picture, size), network)
      );
      const { image, up, down } = restoreScale(tf, network, weights, input as tfjs.Tensor4D);
      const shownDown = tf.add(down ?? tf.zerosLike(image), 0.5);
      return tf.concat([input, shownDown, up, image, target] as tfjs.Tensor4D[], 2);
    });
    return tf.round(tf.mul(tf.clipByValue(tf.concat(lines, 1), 0, 1), 255));
  });
  const [, height = 0, width = 0] = grid.shape;
  const data = Uint8Array.from(await grid.data());
  grid.dispose();
  return { data, width, height };
}

function cutMiddle(picture: Picture, { width, height }: { width: number; height: number }): Picture {
  const [left, top] = [(picture.width - width) >> 1, (picture.height - height) >> 1];
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * picture.width + left);
    data.set(picture.data.subarray(from, from + 3 * width), 3 * y * width);
  }
  return { data, width, height };
}
