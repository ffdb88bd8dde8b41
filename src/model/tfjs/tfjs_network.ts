import type * as tfjs from "@tensorflow/tfjs-core";
import type { Picture } from "../../frame.ts";
import type { NetworkConfig } from "../network/config.ts";
import { mtdn } from "../network/network.ts";
import { releasingOps } from "./releasing_ops.ts";
import type { NetworkInput } from "../restore/network_input.ts";
import type { LoadedNetwork, NetworkOptions, RestoredPictures } from "../restore/restore_picture.ts";
import { loadTfjsBackend } from "./tfjs_backend.ts";
import { type TensorFlow, tfjsOps, type WeightTensors } from "./tfjs_ops.ts";
import { traceNetwork } from "../network/trace_network.ts";
import type { OpenRequest } from "../engine/worker_messages.ts";

/**
 * Loads a network into TensorFlow.js, in this thread, which native TensorFlow and WebAssembly then block.
 *
 * @throws {Error} saying why the device cannot be used and what would help.
 */
export async function loadTfjsNetwork(request: OpenRequest): Promise<LoadedNetwork> {
  const { device, config, tensors, allowSoftware } = request;
  const tf = await loadTfjsBackend(device, { allowSoftware });
  const weights = new Map(
    [...tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], "float32")]),
  );
  return {
    async run(input, options) {
      const pictures = tf.tidy(() => restore(tf, weights, config, input, options));
      const named = Object.entries(pictures);
      try {
        const read = named.map(async ([name, tensor]) =>
          [name, await asPicture(tensor, input.picture)] as const
        );
        const { image, ...others } = Object.fromEntries(await Promise.all(read));
        if (image === undefined) throw new Error("the network gave no picture");
        return { image, ...others } satisfies RestoredPictures;
      } finally {
        tf.dispose(pictures);
      }
    },
  };
}

/** The pictures as float tensors of whole numbers, inside the range of the input's samples. */
function restore(
  tf: TensorFlow,
  weights: WeightTensors,
  config: NetworkConfig,
  { picture, neighbours }: NetworkInput,
  { detail, branches }: NetworkOptions,
): Record<string, tfjs.Tensor4D> {
  const white = picture.data instanceof Uint16Array ? 65535 : 255;
  const values = ({ data, width, height }: Picture): tfjs.Tensor4D =>
    tf.tidy(() => tf.div(tf.tensor4d(new Float32Array(data), [1, height, width, 3]), white));
  const blurry = values(picture);
  const before = tf.clone(blurry); // the network frees its inputs
  const beside = neighbours.map(({ moved, flow: { columns, rows, vectors } }) => ({
    moved: values(moved),
    flow: tf.tensor4d(vectors, [1, rows, columns, 2]),
  }));
  const inputs = [blurry, ...beside.flatMap(({ moved, flow }) => [moved, flow])];
  const ops = releasingOps(tf, tfjsOps(tf, weights), traceNetwork(config), inputs);
  const finest = mtdn(ops, config, blurry, beside).at(-1);
  if (finest === undefined) throw new RangeError(`Cannot run a network of ${config.scales} scales`);
  const { up, down, image } = finest;
  const toSamples = (value: tfjs.Tensor4D): tfjs.Tensor4D =>
    tf.clipByValue(tf.round(tf.mul(value, white)), 0, white);
  return {
    image: toSamples(detail === 1 ? image : tf.add(image, tf.mul(tf.sub(image, before), detail - 1))),
    ...(branches && { up: toSamples(up) }),
    ...(branches && down !== undefined && { down: toSamples(tf.add(down, 0.5)) }),
  };
}

async function asPicture(tensor: tfjs.Tensor4D, { data, width, height }: Picture): Promise<Picture> {
  const samples = await tensor.data();
  return {
    data: data instanceof Uint16Array ? new Uint16Array(samples) : new Uint8Array(samples),
    width,
    height,
  };
}
