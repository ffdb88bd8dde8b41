import type { Picture } from "../../frame.ts";
import { type NetworkConfig, sizeMultiple } from "../../model/network/config.ts";
import type { TensorFlow, WeightTensors } from "../../model/tfjs/tfjs_ops.ts";
import { type PairFiles, readPair } from "../data/pair_files.ts";
import { cutMiddle, networkInput, toTensor } from "./network_input.ts";
import { restoreScale } from "./validate.ts";

/** Number of pairs shown. */
const ROWS = 3;
/** Largest part of each picture that is shown, in pixels. */
const PART = { width: 256, height: 160 } as const;

/**
 * The result of a network on a few pictures without their neighbours, one per row: blurry, down (0.5 is no change; grey for a one-way network), up,
 * result, sharp.
 *
 * @param pairs Up to three of them, evenly spaced, are shown: the middle of each, all cropped to one size.
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
      const input = networkInput(tf, network, cutMiddle(blurry, size), [undefined, undefined]);
      const { image, up, down } = restoreScale(tf, network, weights, input);
      const shownDown = tf.add(down ?? tf.zerosLike(image), 0.5);
      const target = toTensor(tf, cutMiddle(sharp, size));
      return tf.concat([input.blurry, shownDown, up, image, target], 2);
    });
    return tf.round(tf.mul(tf.clipByValue(tf.concat(lines, 1), 0, 1), 255));
  });
  const [, height = 0, width = 0] = grid.shape;
  const data = Uint8Array.from(await grid.data());
  grid.dispose();
  return { data, width, height };
}
